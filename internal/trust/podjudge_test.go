package trust

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wifctl/wifctl/internal/gcp"
	"github.com/wifctl/wifctl/internal/kube"
	"github.com/wifctl/wifctl/internal/pipeline"
)

// podTrust is one whose names are known.
func podTrust() *Trust {
	t := New(valid(), ToVerify, Clients{})
	t.facts.project = gcp.Project{ID: "my-project-123", Number: "123456789012"}
	t.facts.issuer, t.facts.cluster = "https://oidc.example.com/id/1", "1"
	return t
}

// pending is a pod that a node has, and whose container does not run yet.
func pending(waiting, message string) podSeen {
	return podSeen{PodState: kube.PodState{Stage: "Pending", Node: "n", Image: "registry.example.com/x:1", Waiting: waiting, Message: message}, after: time.Minute}
}

// ended is a pod whose program ended.
func ended(status int, why, message string) podSeen {
	return podSeen{PodState: kube.PodState{Stage: "Failed", Node: "n", Ended: why, ExitCode: status, Message: message}}
}

func (s podSeen) with(reason, message string) podSeen {
	s.events = append(s.events, kube.Event{Reason: reason, Message: message})
	return s
}

// The states are a kubelet's and a scheduler's: k8s.io/kubernetes/pkg/kubelet/images,
// .../kuberuntime, .../eviction, pkg/scheduler.
func TestWhatKeptThePodFromItsEnd(t *testing.T) {
	standard := pending("ErrImagePull", "")
	standard.Image = DefaultPodImage
	deadline := podSeen{PodState: kube.PodState{Stage: "Failed", Node: "n", Reason: "DeadlineExceeded", Message: "Pod was active on the node longer than the specified deadline"}, after: 6 * time.Minute}
	evicted := podSeen{PodState: kube.PodState{Stage: "Failed", Node: "n", Reason: "Evicted", Message: "The node was low on resource: memory."}}
	running := podSeen{PodState: kube.PodState{Stage: "Running", Node: "n"}, after: 5 * time.Minute}
	unschedulable := podSeen{PodState: kube.PodState{Stage: "Pending", Unschedulable: "0/3 nodes are available: 3 Insufficient cpu."}, after: 5 * time.Minute}
	gated := podSeen{PodState: kube.PodState{Stage: "Pending", Unschedulable: "Scheduling is blocked due to non-empty scheduling gates"}, after: 5 * time.Minute}
	unseen := podSeen{PodState: kube.PodState{Stage: "Running", Node: "n"}, after: 5 * time.Minute, logErr: errors.New("no route to host")}
	initFails := pending("PodInitializing", "")
	initFails.Init = "istio-init: it ended with exit status 1"
	lost := ended(137, "Error", "")
	lost.Reason, lost.Message = "NodeLost", "Node n which was running pod is unresponsive"
	for name, c := range map[string]struct {
		seen    podSeen
		settled bool // waiting longer would change nothing
		code    string
		detail  string
		run     string // the first command, in part; empty: there is none
	}{
		"no node has room":                   {unschedulable, false, "WIF653", "no node takes the pod: 0/3 nodes are available: 3 Insufficient cpu., after 5m", "kubectl describe nodes"},
		"it is held back":                    {gated, false, "WIF653", "no node takes the pod: Scheduling is blocked due to non-empty scheduling gates, after 5m", "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations"},
		"there is no scheduler":              {podSeen{PodState: kube.PodState{Stage: "Pending"}, after: time.Minute}, false, "WIF653", "no scheduler has taken up the pod, after 1m", "kubectl get lease kube-scheduler"},
		"the image is being pulled":          {pending("ContainerCreating", ""), false, "WIF656", "ContainerCreating, after 1m", "--wait 15m"},
		"the first pull failed":              {pending("ErrImagePull", "not found"), false, "WIF655", "ErrImagePull: not found", "--image " + DefaultPodImage},
		"the second, too":                    {pending("ImagePullBackOff", "Back-off pulling\nimage"), true, "WIF655", "ImagePullBackOff: Back-off pulling image", "--image " + DefaultPodImage},
		"the standard image can't be pulled": {standard, false, "WIF655", "ErrImagePull: ", ""},
		"a name that is none":                {pending("InvalidImageName", "couldn't parse image name"), true, "WIF655", "InvalidImageName: couldn't parse image name", "--image"},
		"an image that may not be pulled":    {pending("ErrImageNeverPull", "is not present with pull policy of Never"), true, "WIF655", "ErrImageNeverPull: is not present with pull policy of Never", "--image"},
		"a configuration that can't be made": {pending("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"), true, "WIF656", "CreateContainerConfigError: container has runAsNonRoot and image will run as root", "--image"},
		"a container that can't be made":     {pending("CreateContainerError", "context deadline exceeded"), true, "WIF656", "CreateContainerError: context deadline exceeded", "--image"},
		"a container that can't be run":      {pending("RunContainerError", "exec: sh: not found"), true, "WIF656", "RunContainerError: exec: sh: not found", "--image"},
		"an init container that fails":       {initFails, true, "WIF656", "init container istio-init: it ended with exit status 1", "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations"},
		"no ConfigMap": {pending("ContainerCreating", "").with("FailedMount", `MountVolume.SetUp failed for volume "creds" : configmap "bar-gcp-credentials" not found`), true,
			"WIF654", `MountVolume.SetUp failed for volume "creds" : configmap "bar-gcp-credentials" not found`, "wifctl setup"},
		"no ServiceAccount any more": {pending("ContainerCreating", "").with("FailedMount", `MountVolume.SetUp failed for volume "token" : failed to fetch token: serviceaccounts "bar" not found`), true,
			"WIF651", `MountVolume.SetUp failed for volume "token" : failed to fetch token: serviceaccounts "bar" not found`, "wifctl setup"},
		"a mount that may come yet": {pending("ContainerCreating", "").with("FailedMount", `failed to sync configmap cache: timed out waiting for the condition`), false,
			"WIF654", "failed to sync configmap cache: timed out waiting for the condition", "wifctl setup"},
		"a mount of another kind": {pending("ContainerCreating", "").with("FailedMount", `MountVolume.SetUp failed for volume "token" : failed to fetch token: Unauthorized`), false,
			"WIF654", `MountVolume.SetUp failed for volume "token" : failed to fetch token: Unauthorized`, "kubectl get events"},
		"no network for the pod": {pending("ContainerCreating", "").with("FailedCreatePodSandBox", "plugin type=\"calico\" failed (add): no IP addresses"), false,
			"WIF656", "plugin type=\"calico\" failed (add): no IP addresses, after 1m", "kubectl describe node n"},
		"no token, by a policy": {pending("ContainerCreating", "").with("FailedMount", `MountVolume.SetUp failed for volume "token" : failed to fetch token: serviceaccounts "bar" is forbidden: ValidatingAdmissionPolicy 'no-tokens' with binding 'all' denied request: no`), false,
			"WIF654", `MountVolume.SetUp failed for volume "token" : failed to fetch token: serviceaccounts "bar" is forbidden: ValidatingAdmissionPolicy 'no-tokens' with binding 'all' denied request: no`, "kubectl get validatingadmissionpolicy/no-tokens"},
		"more memory than it may have":     {ended(137, "OOMKilled", ""), true, "WIF656", "its program took more memory than it may have (OOMKilled)", "kubectl describe namespace"},
		"evicted":                          {evicted, true, "WIF656", "Evicted: The node was low on resource: memory.", "verify --project"},
		"a node that went away":            {lost, true, "WIF656", "NodeLost: Node n which was running pod is unresponsive", "verify --project"},
		"its deadline":                     {deadline, true, "WIF657", "it was still running after 6m", "kubectl get networkpolicies"},
		"it runs and runs":                 {running, false, "WIF657", "it was still running after 5m", "kubectl get networkpolicies"},
		"a node that is not heard of":      {unseen, false, "WIF657", "the cluster has it still running after 5m", "kubectl get nodes"},
		"a program that may not run":       {ended(126, "Error", "permission denied"), true, "WIF656", "its program could not be started (exit status 126) permission denied", "--image"},
		"a program that is not there":      {ended(127, "Error", ""), true, "WIF656", "its program could not be started (exit status 127) ", "--image"},
		"a shell that is not there":        {ended(128, "StartError", "exec: \"sh\": not found"), true, "WIF656", "its program could not be started (exit status 128) exec: \"sh\": not found", "--image"},
		"an end that nobody has a code of": {ended(3, "Error", ""), true, "WIF657", "its program ended with exit status 3", "verify --project"},
		"somebody deleted it":              {podSeen{vanished: true}, true, "WIF656", "somebody deleted the pod while it was followed", "verify --project"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.seen.settled(); got != c.settled {
				t.Errorf("settled: %v, want %v", got, c.settled)
			}
			detail, r := podTrust().podTrouble(t.Context(), c.seen)
			run := ""
			if len(r.Run) > 0 {
				run = r.Run[0]
			}
			if r.Code != c.code || !strings.Contains(run, c.run) || (run == "") != (c.run == "") {
				t.Errorf("code %s with %q, want %s with %q", r.Code, run, c.code, c.run)
			}
			if diff := cmp.Diff(c.detail, detail); diff != "" {
				t.Errorf("detail (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhyAPodIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ said, cause string }{
		"Pod Security":              {`pods "x" is forbidden: violates PodSecurity "restricted:latest": hostNetwork`, "something in the cluster adds to pods"},
		"a full quota":              {`pods "x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=10, limited: pods=10`, "quota has no room"},
		"a quota that wants limits": {`pods "x" is forbidden: failed quota: cpu: must specify limits.cpu for: gcloud`, "quota has no room"},
		"a webhook":                 {`admission webhook "policy.example.com" denied the request: image not signed`, "--image takes another"},
		"a policy":                  {`pods "x" is forbidden: ValidatingAdmissionPolicy 'images' with binding 'all' denied request: no`, "--image takes another"},
		"another":                   {`pods "x" is forbidden: PodNodeSelector: no`, "a policy of the cluster refuses it"},
		"a range of limits":         {`pods "x" is forbidden: maximum memory usage per Container is 512Mi, but limit is 1Gi`, "LimitRange"},
		"a webhook that is down":    {`Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "https://x.svc:443": dial tcp: no route to host`, "does not answer"},
	} {
		obs, err := podTrust().podRefused(t.Context(), &kube.Error{Reason: kube.AdmissionDenied, Message: c.said})
		if err != nil || obs.Remedy.Code != "WIF652" || obs.Detail != c.said || !strings.Contains(obs.Remedy.Cause, c.cause) || len(obs.Remedy.Run) == 0 {
			t.Errorf("%s: %+v, %v", name, obs, err)
		}
	}
}

// sts is how gcloud tells of an answer of STS.
func sts(code, text string) string {
	return fmt.Sprintf(`ERROR: (gcloud.auth.login) ("Error code %s: %s", '{"error":"%[1]s","error_description":"%[2]s"}')`, code, text)
}

// What Google says, as gcloud quotes it. The texts of STS are those of
// https://docs.cloud.google.com/iam/docs/troubleshooting-workload-identity-federation.
func TestWhatALogSaysOfTheEnd(t *testing.T) {
	for name, c := range map[string]struct{ line, code, cause string }{
		"another issuer":          {sts("invalid_grant", "The issuer in ID Token https://a does not match the expected ones: https://b"), "WIF662", "another issuer"},
		"another issuer, of old":  {sts("invalid_grant", "The issuer in ID Token https://a does not match the expected one in config: https://b"), "WIF662", "another issuer"},
		"another audience":        {sts("invalid_grant", "The audience in ID Token [https://a] does not match the expected audience."), "WIF662", "other audiences"},
		"a stale token":           {sts("invalid_grant", "ID Token issued at 1764000000 is stale to sign-in."), "WIF662", "out of date"},
		"keys that can't be read": {sts("invalid_grant", "Error connecting to the given credential's issuer."), "WIF662", "can't read the issuer's keys"},
		"another signature":       {sts("invalid_grant", "Unable to verify the ID Token signature."), "WIF662", "not signed by a key"},
		"no token":                {sts("invalid_grant", "Unable to parse the ID Token."), "WIF662", "not signed by a key"},
		"the condition":           {sts("unauthorized_client", "The given credential is rejected by the attribute condition."), "WIF662", "condition turned the token away"},
		"no subject":              {sts("unauthorized_client", "Could not obtain a value for google.subject from the given credential."), "WIF662", "mapping does not fit"},
		"a subject too long":      {sts("invalid_request", "The size of mapped attribute google.subject exceeds the 127 bytes limit. Either modify your attribute mapping or the incoming assertion to produce a mapped attribute that is less than 127 bytes."), "WIF662", "mapping does not fit"},
		"an attribute of a list":  {sts("invalid_request", "The mapped attribute 'attribute.x' must be of type STRING"), "WIF662", "mapping does not fit"},
		"no such provider":        {sts("invalid_target", `The target service indicated by the \"audience\" parameters is invalid. This might either be because the pool or provider is disabled or deleted or because it doesn't exist.`), "WIF662", "absent, disabled or deleted"},
		"an audience of no form":  {sts("invalid_request", `Invalid value for \"audience\". This value should be the full resource name of the Identity Provider.`), "WIF662", "names no provider"},
		"too many exchanges":      {sts("quota_exceeded", "The request was throttled due to rate limit: sts.googleapis.com/requests. Please retry after a few seconds."), "WIF662", "too often"},
		"the tutorial's first":    {"ERROR: Invalid token", "WIF662", "does not take the pod's token"},

		"may not impersonate":           {`ERROR: (gcloud.storage.cat) Unable to acquire impersonated credentials: {"error":{"code":403,"message":"Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).","status":"PERMISSION_DENIED"}}`, "WIF663", "may not impersonate"},
		"a GSA that is gone":            {`Unable to acquire impersonated credentials: {"error":{"code":404,"message":"Not found; Gaia id not found for email gcs-reader@my-project-123.iam.gserviceaccount.com"}}`, "WIF663", "may not impersonate"},
		"an API that is off":            {`Unable to acquire impersonated credentials: {"error":{"code":403,"message":"IAM Service Account Credentials API has not been used in project 123456789012 before or it is disabled."}}`, "WIF663", "not enabled"},
		"an API, told by its reason":    {`"reason": "SERVICE_DISABLED"`, "WIF663", "not enabled"},
		"may not list":                  {"ERROR: (gcloud.storage.objects.list) [gcs-reader@x] does not have permission to access b instance [my-bucket]: gcs-reader@x does not have storage.objects.list access to the Google Cloud Storage bucket. Permission 'storage.objects.list' denied on resource (or it may not exist).", "WIF664", "may not read"},
		"may not read":                  {"ERROR: (gcloud.storage.cat) HTTPError 403: gcs-reader@x does not have storage.objects.get access to the Google Cloud Storage object.", "WIF664", "may not read"},
		"the tutorial's third":          {"AccessDenied: 403 permission denied", "WIF664", "may not read"},
		"no such bucket":                {"ERROR: (gcloud.storage.objects.list) gs://my-bucket not found: 404.", "WIF664", "no such bucket"},
		"no such bucket, by its status": {"ERROR: (gcloud.storage.cat) HTTPError 404: The specified bucket does not exist.", "WIF664", "no such bucket"},

		"a perimeter":         {"ERROR: (gcloud.storage.cat) HTTPError 403: Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: VQQn-KfXt_92T", "WIF664", "VPC service perimeter"},
		"nobody pays":         {"ERROR: (gcloud.storage.cat) HTTPError 403: The billing account for the owning project is disabled in state absent", "WIF664", "no billing account"},
		"no DNS":              {"NameResolutionError(\"<urllib3.connection.HTTPSConnection object>: Failed to resolve 'sts.googleapis.com' ([Errno -2] Name or service not known)\")", "WIF661", "can't reach Google"},
		"no way":              {"dial tcp 142.250.1.1:443: i/o timeout", "WIF661", "can't reach Google"},
		"refused":             {"[Errno 111] Connection refused", "WIF661", "can't reach Google"},
		"somebody in between": {"SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate'))", "WIF661", "can't reach Google"},
	} {
		t.Run(name, func(t *testing.T) {
			log := []string{"Activated service account credentials.", c.line, "If you would like to file a bug, see the above."}
			detail, r, known := podTrust().readEnd(log)
			if !known || r.Code != c.code || !strings.Contains(r.Cause, c.cause) || detail != c.line {
				t.Errorf("known %v, %s: %s\n%s\nwant %s: %s", known, r.Code, r.Cause, detail, c.code, c.cause)
			}
			half := len(c.line) / 2 // gcloud breaks long lines at blanks
			at := half + strings.Index(c.line[half:]+" ", " ")
			broken := []string{c.line[:at], strings.TrimSpace(c.line[at:])}
			if _, r, known := podTrust().readEnd(broken); !known || r.Code != c.code {
				t.Errorf("in two lines: known %v, %s\n%q", known, r.Code, broken)
			}
		})
	}
	if _, r, known := podTrust().readEnd([]string{"hello", "read 403 bytes of it"}); known {
		t.Errorf("a log that says nothing of an end is read as %s", r.Code)
	}
}

func TestALogIsShownWithoutTokens(t *testing.T) {
	jwt := "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
	for name, c := range map[string]struct{ text, want string }{
		"a JWT":                       {"token " + jwt + ".", "token [token]"},
		"Google's":                    {"got ya29.c.b0Aaekm1K-x_y and more", "got [token] and more"},
		"in a header":                 {"Authorization: Bearer abc.def~ghi+jkl=", "Authorization: [token]"},
		"in JSON":                     {`{"access_token":"opaque","expires_in":3599}`, `{"[token]`},
		"in a form":                   {"subject_token=" + jwt + "&audience=x", "[token]"},
		"a key":                       {"-----BEGIN PRIVATE KEY-----MIIE", "[token]"},
		"two in a line":               {jwt + " " + jwt, "[token] [token]"},
		"a token with a mark in it":   {"got ya29.c.b0Aa\u200bekm1K and more", "got [token] and more"},
		"colours":                     {"\x1b[31mERROR\x1b[0m", "[31mERROR[0m"},
		"lines that are written over": {"10%\r20%\r\n", "10% 20%"},
		"nothing":                     {"\n \n", ""},
		"a line without end":          {strings.Repeat("x", 600), strings.Repeat("x", 500) + "…"},
		"a token across the limit":    {strings.Repeat("x", 490) + " " + jwt, strings.Repeat("x", 490) + " [token]"},
		"words about tokens":          {"the token is stale; tokens expire", "the token is stale; tokens expire"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, strings.Join(readable(c.text), "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAContainerThatRunsOnBesideTheProgramDoesNotMatter(t *testing.T) {
	for stage, want := range map[string]pipeline.Status{"Running": pipeline.Met, "Failed": pipeline.Met, "Pending": pipeline.Blocked} {
		s := podSeen{PodState: kube.PodState{Stage: stage, Node: "n", Ended: "Completed"}}
		if stage == "Pending" {
			s = pending("PodInitializing", "")
		}
		if got := podTrust().judgePod(t.Context(), s).Status; got != want {
			t.Errorf("%s: %v, want %v", stage, got, want)
		}
	}
}
