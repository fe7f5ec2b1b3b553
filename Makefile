# wifctl: what to type
#
#   make test    every test, with the race detector
#   make lint    formatting, vet and the linters of .golangci.yml
#   make clean   remove what was built
#
# Needed: Go, make, git and a C compiler. Everything else is fetched as Go modules.

GOLANGCI := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0

.PHONY: test lint clean

test:
	go test -race ./...

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...

clean:
	rm -rf bin build coverage.out
