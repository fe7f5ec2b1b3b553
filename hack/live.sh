#!/usr/bin/env bash
# The story of wifctl against a real cluster and a real Google project: see docs/live.md.
# It stops at the first thing that is not as told, and takes away what it made.
set -euo pipefail

for name in PROJECT BUCKET CONTEXT; do
	if [ -z "${!name:-}" ]; then
		echo "live: $name is not given: make live PROJECT=my-project-123 BUCKET=my-bucket CONTEXT=my-context" >&2
		exit 2
	fi
done
wifctl=${WIFCTL:-$(dirname "$0")/../bin/wifctl}
namespace=${NAMESPACE:-wifctl-live}
account=wifctl-live # the pool and the GSA: nobody else's are touched
email=$account@$PROJECT.iam.gserviceaccount.com
role=roles/iam.workloadIdentityUser
flags=(--project "$PROJECT" --bucket "$BUCKET" --context "$CONTEXT" --namespace "$namespace" --pool "$account" --gsa "$account")
export CLOUDSDK_CORE_DISABLE_PROMPTS=1 NO_COLOR=1

if ! command -v gcloud >/dev/null; then
	echo "live: gcloud is not installed; the break and the remedy are typed with it" >&2
	exit 2
fi

dir=$(mktemp -d)
printed=$dir/printed
mkfifo "$dir/answer"
made= child=
strike() {
	status=$?
	trap - EXIT INT TERM HUP
	if [ -n "$child" ]; then # it lets the change under way finish, and starts no other
		kill -TERM "$child" 2>/dev/null || true
		wait || true
	fi
	if [ -n "$made" ]; then
		printf '\nlive: it did not end as told (exit status %s). What was made is taken away:\n' "$status"
		"$wifctl" teardown "${flags[@]}" --yes ||
			echo "live: not all of it went. Run this again: wifctl teardown ${flags[*]} --yes" >&2
	fi
	rm -rf "$dir"
	exit "$status"
}
trap strike EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() {
	echo "live: $*" >&2
	exit 1
}

act() { printf '\n== %s (after %s s)\n' "$*" "$SECONDS"; }

# run shows a command of wifctl and runs it; what it answers is kept for shows. bash waits
# for it and not in it: a signal is heard at once, also by a setup that waits for Google.
run() {
	echo "\$ wifctl $1 ${flags[*]} ${*:2}"
	local status=0
	tee "$printed" <"$dir/answer" &
	"$wifctl" "$1" "${flags[@]}" "${@:2}" >"$dir/answer" &
	child=$!
	wait "$child" || status=$?
	child=
	wait # for tee
	return "$status"
}

shows() { grep -Eq -- "$1" "$printed" || fail "the answer has no line like: $1"; }

act "1. What would be made"
run plan
# What is there already is somebody's, or of a run that was killed.
free() { grep -Eq -- "^\+ $1 +($2) " "$printed" || fail "$3. Nothing was changed."; }
free kube-namespace create "namespace $namespace exists; NAMESPACE= names another"
if grep -Eq '^– gcp-pool ' "$printed"; then
	fail "whether pool and GSA are free can't be seen: gcloud services enable iam.googleapis.com --project=$PROJECT"
fi
free gcp-pool 'create|restore' "pool $account exists in $PROJECT"
free gcp-serviceaccount create "$email exists"

act "2. Setup"
made=yes
run setup --wait 20m
shows '^✓ proof +ok '

act "3. Verify"
run verify --wait 10m

act "4. Setup again changes nothing"
run setup
shows '^setup: [0-9]+ unchanged, [0-9]+ ok\.$'

act "5. Somebody takes the binding away"
member=$(gcloud iam service-accounts get-iam-policy "$email" --project="$PROJECT" \
	--flatten='bindings[].members' --filter="bindings.role=$role" --format='value(bindings.members)')
[ "$(wc -l <<<"$member")" = 1 ] && [ -n "$member" ] || fail "want one member of $role of $email, have: $member"
gcloud iam service-accounts remove-iam-policy-binding "$email" --project="$PROJECT" \
	--role="$role" --member="$member" --condition=None --format=none

act "6. What verify says of it"
status=0
run verify -q || status=$?
[ "$status" = 1 ] || fail "verify ended with $status, want 1"
shows 'WIF511'

act "7. The remedy, as it is printed"
remedy=$(sed -n 's/^ *\(gcloud .*\)$/\1/p' "$printed")
case $remedy in
*$'\n'*) fail "verify prints more than one command" ;;
'gcloud iam service-accounts add-iam-policy-binding '*) ;;
*) fail "verify does not print the command that adds the binding: $remedy" ;;
esac
echo "\$ $remedy"
sh -c "$remedy"

act "8. And all is well"
run verify -q --wait 10m
[ ! -s "$printed" ] || fail "verify -q has something to say"

act "9. Teardown"
run teardown --yes
shows '^✓ gcp-binding +removed '
made=

act "10. A second teardown finds nothing"
run teardown --yes
if grep -q ' removed ' "$printed"; then fail "the second teardown removed something"; fi
shows '^teardown: .*[0-9]+ not there\.$'

printf '\nlive: all as told, in %s s\n' "$SECONDS"
