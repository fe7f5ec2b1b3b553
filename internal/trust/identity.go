package trust

import (
	"context"

	"github.com/wifctl/wifctl/internal/gcp"
)

// Identity is who we are on both sides.
type Identity struct {
	User   string // in the cluster; where it does not say, as the kubeconfig calls them
	Groups []string
	Login  gcp.Login
}

// Identity asks the cluster who we are. Google is not asked: what the credentials say of
// themselves is all that is known without another permission.
func (t *Trust) Identity(ctx context.Context) Identity {
	id := Identity{Login: t.google.Login()}
	if t.kube == nil {
		return id
	}
	id.User = t.kube.Target().User
	if who, err := t.kube.Identity(ctx); err == nil {
		id.User, id.Groups = who.User, who.Groups
	}
	return id
}
