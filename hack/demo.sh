#!/usr/bin/env bash
# The demo: the whole story on stand-ins. Kubernetes is a real API server, built from
# upstream's sources; Google Cloud is wifctl's own emulator. Nothing outside this machine
# is spoken to.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$(mktemp -d)
pids=()
finish() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$dir"
}
trap finish EXIT

# until FILE LAST waits until a program has printed its last export line.
until_ready() {
	for _ in $(seq 600); do
		if grep -q "$2" "$1" 2>/dev/null; then return; fi
		sleep 0.1
	done
	echo "not ready: $1" >&2
	cat "$dir"/*.log >&2
	exit 1
}

show() {
	printf '\n$ %s\n' "$*"
	"$@"
}

echo "starting a Kubernetes API server ..."
build/kube-testbed up --dir "$dir/kube" --exit-with-parent >"$dir/kube.env" 2>"$dir/kube.log" &
pids+=($!)
until_ready "$dir/kube.env" '^# ready'
# shellcheck disable=SC1091
. "$dir/kube.env"
# The issuer's certificate is its own: what CoreWeave publishes needs no such thing.
export SSL_CERT_FILE=$WIFCTL_ISSUER_CA

echo "starting an emulated Google Cloud ..."
bin/wifctl emulator --project demo-project=123456789012 --bucket demo-bucket \
	--issuer-ca "$WIFCTL_ISSUER_CA" >"$dir/google.env" 2>"$dir/google.log" &
pids+=($!)
until_ready "$dir/google.env" OVERRIDES_IAMCREDENTIALS
# shellcheck disable=SC1091
. "$dir/google.env"

export PATH=$PWD/bin:$PATH
trust=(--project demo-project --bucket demo-bucket)
show wifctl setup "${trust[@]}"
show wifctl verify "${trust[@]}"
show wifctl setup "${trust[@]}"
show wifctl teardown "${trust[@]}" --yes
