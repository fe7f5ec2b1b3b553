package trust

import (
	"slices"
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/shell"
)

// remedy is what a person can do about code: the cause and complete commands.
func remedy(code, cause string, run ...string) pipeline.Remedy {
	return pipeline.Remedy{Code: code, Cause: cause, Run: run, See: "docs/errors.md#" + strings.ToLower(code)}
}

// blocked is an Observation that only a person can mend.
func blocked(detail string, r pipeline.Remedy) pipeline.Observation {
	return pipeline.Observation{Status: pipeline.Blocked, Detail: detail, Remedy: r}
}

// Command is the complete command line of another command for the same trust.
func (t *Trust) Command(name string, extra ...string) string { return t.wifctl(name, extra...) }

// wifctl is a complete command line of ours for this workload.
func (t *Trust) wifctl(command string, extra ...string) string {
	return t.wifctlOf(t.cfg, command, extra...)
}

// wifctlOf is the same where one of the flags is not as it was given.
func (t *Trust) wifctlOf(cfg Config, command string, extra ...string) string {
	args := append([]string{"wifctl"}, strings.Fields(command)...) // "manifest pod" is one, too
	args = append(args, "--project", cfg.Project, "--bucket", t.w.Bucket)
	for _, f := range []struct{ name, value, standard string }{
		{"--kubeconfig", cfg.Kubeconfig, ""},
		{"--context", cfg.Context, ""},
		{"--namespace", t.w.Namespace, DefaultNamespace},
		{"--service-account", t.w.ServiceAccount, DefaultServiceAccount},
		{"--pool", cfg.Pool, DefaultPool},
		{"--provider", cfg.Provider, ""},
		{"--gsa", t.w.GSA, DefaultGSA},
		{"--role", t.w.Role, DefaultRole},
		{"--grant", string(t.w.Grant), string(GrantBucket)},
		{"--principal", string(cfg.Principal), string(PrincipalWorkload)},
		{"--issuer", cfg.Issuer, ""},
		{"--cluster", cfg.Cluster, ""},
		{"--zone", cfg.Zone, ""},
	} {
		if f.value != "" && f.value != f.standard && !slices.Contains(extra, f.name) {
			args = append(args, f.name, f.value)
		}
	}
	args = append(args, cfg.Flags...)
	return shell.Line(append(args, extra...)...)
}

// kubectl is a kubectl command that asks the cluster that we asked, with our login.
func (t *Trust) kubectl(args ...string) string {
	return kubectl(append(pair("--kubeconfig", t.cfg.Kubeconfig), append(pair("--context", t.cfg.Context), args...)...))
}

// adminKubectl is a command for whoever administers the cluster: our kubeconfig, if we named
// one, has a login that may not.
func (t *Trust) adminKubectl(args ...string) string {
	return kubectl(append(pair("--context", t.cfg.Context), args...))
}

func kubectl(args []string) string { return shell.Line(append([]string{"kubectl"}, args...)...) }

// pair is a flag and its value; nothing where there is no value.
func pair(flag, value string) []string {
	if value == "" {
		return nil
	}
	return []string{flag, value}
}

func gcloud(args ...string) string { return shell.Line(append([]string{"gcloud"}, args...)...) }

// pools is a gcloud command on this project's workload identity pools.
func (t *Trust) pools(args ...string) string {
	args = append([]string{"iam", "workload-identity-pools"}, args...)
	return gcloud(append(args, "--location=global", "--project="+t.projectName())...)
}

// providers is a gcloud command on our provider.
func (t *Trust) providers(command string, args ...string) string {
	args = append([]string{"providers", command, t.providerID(), "--workload-identity-pool=" + t.cfg.Pool}, args...)
	return t.pools(args...)
}

// projectName is the project as gcloud takes it: the id where it is known.
func (t *Trust) projectName() string {
	if t.facts.project.ID != "" {
		return t.facts.project.ID
	}
	return t.cfg.Project
}
