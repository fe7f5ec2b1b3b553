package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

const (
	addBinding    = "gcloud iam service-accounts add-iam-policy-binding"
	removeBinding = "gcloud iam service-accounts remove-iam-policy-binding"
	userRole      = "roles/iam.workloadIdentityUser"
	rehearsalGSA  = "gcs-reader@" + rehearsalProject + ".iam.gserviceaccount.com"
)

// policy is an allow policy, as far as a rehearsal touches one.
type policy struct {
	Version  int       `json:"version,omitempty"`
	Etag     string    `json:"etag,omitempty"`
	Bindings []binding `json:"bindings"`
}

type binding struct {
	Role    string   `json:"role"`
	Members []string `json:"members"`
}

// breakBinding takes from the GSA's policy the one member that may impersonate it.
func (st *rehearsal) breakBinding(ctx context.Context) error {
	p, err := st.policy(ctx, "getIamPolicy", nil)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(p.Bindings, func(b binding) bool { return b.Role == userRole })
	if i < 0 || len(p.Bindings[i].Members) != 1 {
		return errors.New("the GSA's policy has no binding to take away")
	}
	st.prompt(strings.Join([]string{
		removeBinding, rehearsalGSA, "--project=" + rehearsalProject, "--role=" + userRole, "--member=" + p.Bindings[i].Members[0],
	}, " "))
	p.Bindings = slices.Delete(p.Bindings, i, i+1)
	return st.setPolicy(ctx, p)
}

// mendBinding does what the command that verify printed says.
func (st *rehearsal) mendBinding(ctx context.Context) error {
	command := ""
	for line := range strings.SplitSeq(st.printed, "\n") {
		if at := strings.Index(line, addBinding); at >= 0 {
			command = strings.TrimSpace(line[at:])
		}
	}
	role, member, err := readBinding(command)
	if err != nil {
		return err
	}
	p, err := st.policy(ctx, "getIamPolicy", nil)
	if err != nil {
		return err
	}
	st.prompt(command)
	p.Bindings = append(p.Bindings, binding{role, []string{member}})
	return st.setPolicy(ctx, p)
}

// readBinding reads the one gcloud command that a rehearsal can do without gcloud. Any
// other form is refused: then verify prints something else than was told.
func readBinding(command string) (role, member string, err error) {
	for _, word := range strings.Fields(strings.TrimPrefix(command, addBinding)) {
		name, value, _ := strings.Cut(word, "=")
		switch {
		case name == "--role":
			role = value
		case name == "--member":
			member = value
		case word == rehearsalGSA, word == "--project="+rehearsalProject, word == "--condition=None":
		default:
			return "", "", fmt.Errorf("the command has a word that was not expected: %s", word)
		}
	}
	if role == "" || member == "" {
		return "", "", fmt.Errorf("not a command that adds a binding: %q", command)
	}
	return role, member, nil
}

func (st *rehearsal) setPolicy(ctx context.Context, p policy) error {
	if _, err := st.policy(ctx, "setIamPolicy", map[string]policy{"policy": p}); err != nil {
		return err
	}
	fmt.Fprintf(st.s.out, "Updated IAM policy for serviceAccount [%s].\n", rehearsalGSA)
	if !st.said {
		fmt.Fprintln(st.s.out, "\n(The rehearsal has done this itself, as gcloud would: you need no gcloud.)")
	}
	st.said = true
	return nil
}

// policy asks the emulated Google about the GSA's policy, as its operator.
func (st *rehearsal) policy(ctx context.Context, method string, body any) (p policy, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return p, err
	}
	if body == nil {
		raw = nil
	}
	at := st.endpoint + "/v1/projects/" + rehearsalProject + "/serviceAccounts/" + rehearsalGSA + ":" + method
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, bytes.NewReader(raw))
	if err != nil {
		return p, err
	}
	req.Header.Set("Authorization", "Bearer "+st.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return p, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return p, err
	}
	if resp.StatusCode != http.StatusOK {
		return p, fmt.Errorf("%s: %s: %s", method, resp.Status, answer)
	}
	err = json.Unmarshal(answer, &p)
	return p, err
}
