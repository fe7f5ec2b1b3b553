package trust

import (
	"errors"
	"strings"
	"testing"
)

func valid() Config {
	return Config{Project: "my-project-123", Pool: DefaultPool, Workloads: []Workload{{
		Namespace: DefaultNamespace, ServiceAccount: DefaultServiceAccount,
		GSA: DefaultGSA, Bucket: "my-bucket", Role: DefaultRole,
	}}}
}

func TestWhatIsValid(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"the defaults":                     func(*Config) {},
		"a project by number":              func(c *Config) { c.Project = "123456789012" },
		"a project of a domain":            func(c *Config) { c.Project = "example.com:my-project" },
		"a bucket that is a domain":        func(c *Config) { c.Workloads[0].Bucket = "data.example.com" },
		"a subject of exactly 127 bytes":   func(c *Config) { c.Workloads[0].ServiceAccount = strings.Repeat("a", 127-22-len("foo:")) },
		"a custom role":                    func(c *Config) { c.Workloads[0].Role = "projects/my-project-123/roles/reader" },
		"the wider grant, and the subject": func(c *Config) { c.Workloads[0].Grant, c.Principal = GrantProject, PrincipalSubject },
	} {
		t.Run(name, func(t *testing.T) {
			c := valid()
			change(&c)
			if err := c.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEachMistakeNamesItsFlag(t *testing.T) {
	for _, c := range []struct {
		name, flag string
		change     func(*Config)
	}{
		{"no project", "--project", func(c *Config) { c.Project = "" }},
		{"a project in capitals", "--project", func(c *Config) { c.Project = "My Project" }},
		{"a pool of three letters", "--pool", func(c *Config) { c.Pool = "abc" }},
		{"a pool of 33 letters", "--pool", func(c *Config) { c.Pool = strings.Repeat("a", 33) }},
		{"a pool with Google's prefix", "--pool", func(c *Config) { c.Pool = "gcp-pool" }},
		{"a provider with a dot", "--provider", func(c *Config) { c.Provider = "my.provider" }},
		{"no workload", "workloads", func(c *Config) { c.Workloads = nil }},
		{"a namespace with a slash", "--namespace", func(c *Config) { c.Workloads[0].Namespace = "a/b" }},
		{"a namespace of 64 letters", "--namespace", func(c *Config) { c.Workloads[0].Namespace = strings.Repeat("a", 64) }},
		{"a ServiceAccount with a quote", "--service-account", func(c *Config) { c.Workloads[0].ServiceAccount = "b'r" }},
		{"a subject of 128 bytes", "--service-account", func(c *Config) { c.Workloads[0].ServiceAccount = strings.Repeat("a", 128-22-len("foo:")) }},
		{"a GSA of five letters", "--gsa", func(c *Config) { c.Workloads[0].GSA = "short" }},
		{"a GSA of 31 letters", "--gsa", func(c *Config) { c.Workloads[0].GSA = strings.Repeat("a", 31) }},
		{"no bucket", "--bucket", func(c *Config) { c.Workloads[0].Bucket = "" }},
		{"a bucket as a URL", "--bucket", func(c *Config) { c.Workloads[0].Bucket = "gs://my-bucket" }},
		{"a bucket like an address", "--bucket", func(c *Config) { c.Workloads[0].Bucket = "192.168.5.4" }},
		{"a bucket in capitals", "--bucket", func(c *Config) { c.Workloads[0].Bucket = "My-Bucket" }},
		{"a role of another service", "--role", func(c *Config) { c.Workloads[0].Role = "roles/owner" }},
		{"an unknown grant", "--grant", func(c *Config) { c.Workloads[0].Grant = "folder" }},
		{"an unknown principal", "--principal", func(c *Config) { c.Principal = "pool" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := valid()
			c.change(&cfg)
			var wrong *InputError
			if err := cfg.Validate(); !errors.As(err, &wrong) || wrong.Flag != c.flag {
				t.Errorf("got %v, want a mistake in %s", err, c.flag)
			}
		})
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	c := valid()
	c.Project, c.Pool, c.Workloads[0].Bucket = "", "x", ""
	lines := strings.Split(c.Validate().Error(), "\n")
	if len(lines) != 3 {
		t.Errorf("%d mistakes told, want 3: %q", len(lines), lines)
	}
}
