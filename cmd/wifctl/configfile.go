package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/wifctl/wifctl/internal/trust"
)

// configFile is wifctl.yaml. It lists workloads; for now there is one to a file.
type configFile struct {
	Project   string         `json:"project"`
	Pool      string         `json:"pool"`
	Provider  string         `json:"provider"`
	Issuer    string         `json:"issuer"`
	Cluster   string         `json:"cluster"`
	Zone      string         `json:"zone"`
	Principal string         `json:"principal"`
	Workloads []workloadFile `json:"workloads"`
}

type workloadFile struct {
	Namespace            string `json:"namespace"`
	ServiceAccount       string `json:"serviceAccount"`
	GoogleServiceAccount string `json:"googleServiceAccount"`
	Bucket               string `json:"bucket"`
	Role                 string `json:"role"`
	Grant                string `json:"grant"`
}

// mergeFile lays the file under the flags: what was said on the command line wins.
func mergeFile(name string, cfg trust.Config, changed func(flag string) bool) (trust.Config, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return cfg, &trust.InputError{Flag: "--config", Value: name, Rule: "cannot be read: " + err.Error()}
	}
	var file configFile
	if err := yaml.UnmarshalStrict(raw, &file); err != nil {
		return cfg, &trust.InputError{Flag: "--config", Value: name, Rule: inYAML(err)}
	}
	if n := len(file.Workloads); n > 1 {
		return cfg, &trust.InputError{Flag: "--config", Value: name, Rule: fmt.Sprintf("lists %d workloads, and this version sets up one at a time", n)}
	}
	var w workloadFile
	if len(file.Workloads) == 1 {
		w = file.Workloads[0]
	}
	to := &cfg.Workloads[0]
	for _, f := range []struct {
		flag  string
		value string
		into  *string
	}{
		{"project", file.Project, &cfg.Project},
		{"pool", file.Pool, &cfg.Pool},
		{"provider", file.Provider, &cfg.Provider},
		{"issuer", file.Issuer, &cfg.Issuer},
		{"cluster", file.Cluster, &cfg.Cluster},
		{"zone", file.Zone, &cfg.Zone},
		{"principal", file.Principal, (*string)(&cfg.Principal)},
		{"namespace", w.Namespace, &to.Namespace},
		{"service-account", w.ServiceAccount, &to.ServiceAccount},
		{"gsa", w.GoogleServiceAccount, &to.GSA},
		{"bucket", w.Bucket, &to.Bucket},
		{"role", w.Role, &to.Role},
		{"grant", w.Grant, (*string)(&to.Grant)},
	} {
		if f.value != "" && !changed(f.flag) {
			*f.into = f.value
		}
	}
	return cfg, nil
}

// inYAML says what is wrong with a file in its own words: it is read by way of JSON.
func inYAML(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s can't be of type %s", wrong.Field, wrong.Value)
	}
	said := err.Error()
	if _, key, unknown := strings.Cut(said, "json: unknown field "); unknown {
		return "there is no key " + key
	}
	_, said, _ = strings.Cut(said, "YAML to JSON: ")
	return or(strings.Join(strings.Fields(said), " "), err.Error())
}
