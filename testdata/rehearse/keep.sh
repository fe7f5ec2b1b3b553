# What somebody would try by hand on a kept rehearsal; run by TestAKeptRehearsalServesOtherPrograms.
. "$ENV_FILE"
want() { # TEXT COMMAND...: the command succeeds and prints the text
	text=$1
	shift
	out=$("$@" 2>&1) || { echo "$*: $out"; exit 1; }
	case $out in *"$text"*) ;; *) echo "$*: no '$text' in: $out"; exit 1 ;; esac
}
refused() { # TEXT COMMAND...: the command fails and prints the text
	text=$1
	shift
	if out=$("$@" 2>&1); then echo "$*: it was not refused"; exit 1; fi
	case $out in *"$text"*) ;; *) echo "$*: no '$text' in: $out"; exit 1 ;; esac
}

want 'STATUS' kubectl get namespaces
want 'foo' kubectl get ns -o name
want 'bar-gcp-credentials' kubectl get configmaps,serviceaccounts -n foo
want 'credential-configuration.json' kubectl describe configmap bar-gcp-credentials -n foo
want 'bar' kubectl describe serviceaccount bar -n foo
want 'Active' kubectl describe namespace foo
want 'namespace/try created' kubectl create namespace try
want 'configmap/a created' kubectl create configmap a -n try --from-literal=k=1
want 'serviceaccount/robot created' kubectl create serviceaccount robot -n try
want 'labeled' kubectl label configmap a -n try app=x
want 'k: "1"' kubectl get configmap a -n try -o yaml
want 'eyJ' kubectl create token robot -n try --audience x
want 'yes' kubectl auth can-i create namespaces
want 'admin' kubectl auth whoami
want 'configmap "a" deleted' kubectl delete configmap a -n try
want 'namespace "try" deleted' kubectl delete namespace try
refused 'NotFound' kubectl get namespace try
refused "doesn't have a resource type" kubectl get pods
refused 'not modelled' kubectl get --raw /api/v1/pods
want 'namespaces' kubectl api-resources
want '+wifctl.emulator' kubectl version

want 'gcs-reader@demo-project' gcloud iam service-accounts list
want 'k8s-pool' gcloud iam workload-identity-pools list --location=global

want 'passed' "$WIFCTL" verify --project demo-project --bucket demo-bucket
want 'removed' "$WIFCTL" teardown --project demo-project --bucket demo-bucket --yes
