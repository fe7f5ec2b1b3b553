package report

import (
	"fmt"
	"strings"
)

// Identity is who we are on both sides, as far as that is known.
type Identity struct {
	Kubernetes KubernetesIdentity `json:"kubernetes"`
	Google     GoogleIdentity     `json:"google"`
}

// KubernetesIdentity is who the cluster says that we are.
type KubernetesIdentity struct {
	User   string   `json:"user,omitempty"`
	Groups []string `json:"groups,omitempty"`
}

// GoogleIdentity is what the credentials say of themselves.
type GoogleIdentity struct {
	Kind         string `json:"kind,omitempty"`
	Account      string `json:"account,omitempty"`
	File         string `json:"file,omitempty"`
	As           string `json:"impersonating,omitempty"`
	QuotaProject string `json:"quotaProject,omitempty"`
}

// Identity tells who we are, which is part of the answer.
func (t *Text) Identity(id Identity) {
	if t.Quiet {
		return
	}
	id = *id.clean()
	user := or(id.Kubernetes.User, "not known")
	if len(id.Kubernetes.Groups) > 0 {
		user += "  groups " + strings.Join(id.Kubernetes.Groups, ", ")
	}
	g := id.Google
	if g.Kind == "" {
		fmt.Fprintf(t.Out, "user     %s\nlogin    none\n\n", user)
		return
	}
	login := g.Kind + also("  ", g.Account) + also("  ", g.File) + also("  acting as ", g.As)
	fmt.Fprintf(t.Out, "user     %s\nlogin    %s\nquota    %s\n\n", user, login, or(g.QuotaProject, "the project that is asked about"))
}

// also puts words before what is known.
func also(words, known string) string {
	if known == "" {
		return ""
	}
	return words + known
}
