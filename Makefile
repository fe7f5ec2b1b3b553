# wifctl: what to type
#
#   make build   bin/wifctl
#   make demo    watch it work: build, then wifctl rehearse
#   make live    the same against your cluster and Google project: docs/live.md
#   make test    every test, with the race detector, against a real Kubernetes API server
#   make bench   setup beside the same by hand with gcloud and kubectl
#   make lint    formatting, vet and the linters of .golangci.yml
#   make docs    docs/reference, which is committed, and man pages in build/man
#   make kube    that API server, from upstream's sources: once, about 7 minutes on 2 cores
#   make clean   remove what was built
#
# Needed: Go, make, git and a C compiler. Everything else is fetched as Go modules.

GO       := go
GOLANGCI := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
KUBE     := build/kube-testbed

# The version that the API server says it has; without one its feature gates don't work.
KUBEVERSION := -X k8s.io/component-base/version.gitVersion=v1.37.2 \
	-X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37 \
	-X k8s.io/component-base/version.gitCommit=unknown -X k8s.io/component-base/version.gitTreeState=clean

.PHONY: build demo live test bench lint docs kube clean

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.buildVersion=$(VERSION)" -o bin/wifctl ./cmd/wifctl

demo: build
	bin/wifctl rehearse

live: build
	@PROJECT='$(PROJECT)' BUCKET='$(BUCKET)' CONTEXT='$(CONTEXT)' bash hack/live.sh

# No test of the stories may be skipped here: a missing API server is a failure.
test: kube
	WIFCTL_REQUIRE_KUBE=1 $(GO) test -race -timeout 45m ./...

bench: kube
	WIFCTL_REQUIRE_KUBE=1 $(GO) test -run '^$$' -bench . -benchtime 3x -timeout 30m ./cmd/wifctl

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GOLANGCI) run ./...
	cd hack/kube && GOWORK=off CGO_ENABLED=0 $(GO) vet -tags grpcnotrace ./...

docs: build
	rm -f docs/reference/*.md build/man/*.1
	mkdir -p docs/reference build/man
	bin/wifctl reference --dir docs/reference
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) bin/wifctl reference --format man --dir build/man

kube: $(KUBE)

$(KUBE): $(wildcard hack/kube/*.go) hack/kube/go.mod hack/kube/go.sum
	@echo "building kube-apiserver and etcd from source: the first time takes about 7 minutes on two cores"
	@mkdir -p build
	cd hack/kube && GOWORK=off CGO_ENABLED=0 $(GO) build -tags grpcnotrace -buildvcs=false \
		-ldflags "-s -w $(KUBEVERSION)" -o ../../$(KUBE) .

clean:
	rm -rf bin build coverage.out
