package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/gcp/emulator"
	"github.com/wifctl/wifctl/internal/trust"
)

// emulatorFlags are what wifctl emulator is told.
type emulatorFlags struct {
	listen, lag, log, issuerCA, state string
	projects, buckets, faults         []string
	roles, permissions, otherRoles    []string
	latency, skew                     time.Duration
}

func newEmulator(s streams) *cobra.Command {
	var f emulatorFlags
	cmd := &cobra.Command{
		Use:   "emulator",
		Short: "Run a strict Google Cloud in memory, for tests",
		Long: `emulator serves the parts of Google Cloud that a trust is made of, from memory: IAM,
Resource Manager, Service Usage, STS, IAM Credentials and Cloud Storage. It fetches the
issuer's keys, verifies tokens, evaluates mappings, conditions and policies, and refuses
what it does not model.

It prints shell export lines for wifctl and gcloud, then serves until interrupted. So
run it in the background with its output in a file, and source that file once it has
been written.

With --state the cloud outlives the process. Without it nothing is kept.
More: docs/emulator.md.`,
		Example: `  wifctl emulator --project demo-project=123456789012 --bucket demo-bucket > emulator.env &
  sleep 1; . ./emulator.env`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return serveEmulator(cmd.Context(), s, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:0", "address to serve on; port 0 takes a free one")
	flags.StringArrayVar(&f.projects, "project", nil, "ID or ID=NUMBER of a project (default demo-project); repeatable")
	flags.StringArrayVar(&f.buckets, "bucket", nil, "bucket of the first project, with one object, hello.txt; repeatable")
	flags.StringArrayVar(&f.roles, "operator-role", nil, "role of the operator on every project (default roles/owner); repeatable")
	flags.StringSliceVar(&f.permissions, "operator-permission", nil, "all that the operator may do, in place of a role: permissions, with commas between them; repeatable")
	flags.StringArrayVar(&f.otherRoles, "other-role", nil, "role of Google's that the emulator does not model: policies may name it, and it grants nothing; repeatable")
	flags.StringVar(&f.state, "state", "", "JSON file to load at the start, if it exists, and to save to at the end; --project, --bucket and --operator-role add what it lacks")
	flags.DurationVar(&f.latency, "latency", 0, "added to every answer")
	flags.StringVar(&f.lag, "lag", "none", "none, or typical: effects come as late as they do at Google; typical/20: 20 times sooner than that")
	flags.DurationVar(&f.skew, "clock-skew", 0, "how far Google's clock is ahead of this machine's; negative: behind")
	flags.StringArrayVar(&f.faults, "fault", nil, "METHOD:after=N,times=N,status=CODE,reason=REASON,delay=DURATION,lost,reset,truncate; METHOD may hold *; repeatable")
	flags.StringVar(&f.issuerCA, "issuer-ca", "", "PEM file of certificate authorities to trust when fetching an issuer's keys, beside the system's")
	flags.StringVar(&f.log, "log", "requests", "what to tell on standard error: requests, or all (with queries and principals)")
	complete(cmd, map[string]cobra.CompletionFunc{
		"lag": oneOf("none", "typical"), "log": oneOf("requests", "all"), "operator-role": oneOf(append([]string{"roles/owner"}, readingRoles...)...),
	})
	completeFiles(cmd, "state", "json")
	completeFiles(cmd, "issuer-ca")
	return cmd
}

func serveEmulator(ctx context.Context, s streams, f emulatorFlags) error {
	token := "emulated-operator-" + rand.Text()
	srv, err := f.server(s.err, token)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", f.listen)
	if err != nil {
		return &trust.InputError{Flag: "--listen", Value: f.listen, Rule: err.Error()}
	}
	dir, err := emulatorFiles(token)
	if err != nil {
		_ = l.Close()
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	printExports(s.out, "http://"+l.Addr().String(), dir, f.firstProject(srv), token)
	err = serve(ctx, l, srv)
	if f.state == "" {
		return err
	}
	return errors.Join(err, srv.Save())
}

// server is the emulator as the flags want it.
func (f emulatorFlags) server(log io.Writer, token string) (*emulator.Server, error) {
	opts, err := f.options(log)
	if err != nil {
		return nil, err
	}
	opts.OperatorToken = token
	srv, err := emulator.New(opts)
	if file, ok := errors.AsType[*emulator.FileError](err); ok {
		return nil, &trust.InputError{Flag: "--state", Value: file.Path, Rule: file.Err.Error()}
	}
	if err != nil {
		return nil, &usageError{"wifctl emulator --help", err}
	}
	for _, text := range f.faults {
		fault, err := emulator.ParseFault(text)
		if err != nil {
			return nil, &trust.InputError{Flag: "--fault", Value: text, Rule: err.Error()}
		}
		srv.Inject(fault)
	}
	return srv, nil
}

// firstProject is gcloud's: the first that was named, else the first that is there.
func (f emulatorFlags) firstProject(srv *emulator.Server) string {
	if len(f.projects) == 0 {
		return srv.State().Projects[0].ID
	}
	id, _, _ := strings.Cut(f.projects[0], "=")
	return id
}

func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil // an emulator is stopped by a signal, and that is no failure
}

// emulatorFiles makes what wifctl and gcloud read: the token, and a configuration for
// gcloud in which it looks for no metadata server.
func emulatorFiles(token string) (string, error) {
	dir, err := os.MkdirTemp("", "wifctl-emulator-")
	if err != nil {
		return "", fmt.Errorf("make a place for the access token: %w", err)
	}
	for name, content := range map[string]string{"access-token": token, "gce": "False"} {
		if err := os.WriteFile(dir+"/"+name, []byte(content), 0o600); err != nil {
			return "", fmt.Errorf("write the emulator's files: %w", err)
		}
	}
	return dir, nil
}

// printExports tells shells how to come here. The slash at the end is what gcloud wants.
func printExports(out io.Writer, base, dir, project, token string) {
	printVariables(out, append([][2]string{{"CLOUDSDK_AUTH_ACCESS_TOKEN", token}}, googleVariables(base, dir, project)...))
}

func printVariables(out io.Writer, variables [][2]string) {
	for _, v := range variables {
		fmt.Fprintf(out, "export %s=%s\n", v[0], v[1])
	}
}

// googleVariables are those that bring wifctl and gcloud to an emulated Google, but for
// the token of gcloud.
func googleVariables(base, dir, project string) [][2]string {
	return [][2]string{
		{"WIFCTL_GCP_ENDPOINT", base},
		{"WIFCTL_ACCESS_TOKEN_FILE", dir + "/access-token"},
		{"CLOUDSDK_CONFIG", dir},
		{"CLOUDSDK_CORE_PROJECT", project},
		{"CLOUDSDK_CORE_DISABLE_PROMPTS", "1"},
		{"CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "1"},
		{"CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "1"},
		{"CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM", base + "/"},
		{"CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER", base + "/"},
		{"CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDBILLING", base + "/"},
		{"CLOUDSDK_API_ENDPOINT_OVERRIDES_ORGPOLICY", base + "/"},
		{"CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE", base + "/"},
		{"CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", base + "/"},
		{"CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS", base + "/"},
	}
}
