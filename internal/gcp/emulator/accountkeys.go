package emulator

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"
)

// accountKey is a key that somebody made for a service account. The private half
// left with the answer that made it and is nowhere here.
type accountKey struct {
	id          string // 40 hexadecimal digits
	created     time.Time
	disabled    bool
	certificate string // PEM
}

// maxAccountKeys is how many keys people may make for an account
// (docs.cloud.google.com/iam/docs/keys-create-delete).
const maxAccountKeys = 10

const (
	userManaged   = "USER_MANAGED"
	systemManaged = "SYSTEM_MANAGED"
)

// keyDoc is a key as JSON
// (docs.cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts.keys).
type keyDoc struct {
	Name            string `json:"name"`
	PrivateKeyType  string `json:"privateKeyType,omitempty"`
	PrivateKeyData  string `json:"privateKeyData,omitempty"`
	PublicKeyData   string `json:"publicKeyData,omitempty"`
	ValidAfterTime  string `json:"validAfterTime"`
	ValidBeforeTime string `json:"validBeforeTime"`
	KeyAlgorithm    string `json:"keyAlgorithm"`
	KeyOrigin       string `json:"keyOrigin"`
	KeyType         string `json:"keyType"`
	Disabled        bool   `json:"disabled,omitempty"`
	DisableReason   string `json:"disableReason,omitempty"`
}

func accountKeyRoutes(account string) []route {
	const (
		id  = "iam.projects.serviceAccounts.keys."
		may = "iam.serviceAccountKeys."
	)
	keys, key := account+"/keys", account+"/keys/{key}"
	return []route{
		{id: id + "list", verb: http.MethodGet, path: keys, query: "keyTypes", permission: may + "list", handle: (*call).listAccountKeys},
		{id: id + "create", verb: http.MethodPost, path: keys, permission: may + "create", open: true, handle: (*call).createAccountKey},
		{id: id + "get", verb: http.MethodGet, path: key, query: "publicKeyType", permission: may + "get", handle: (*call).getAccountKey},
		{id: id + "delete", verb: http.MethodDelete, path: key, permission: may + "delete", handle: (*call).deleteAccountKey},
		{id: id + "enable", verb: http.MethodPost, path: key + ":enable", empty: true, permission: may + "enable", handle: (*call).enableAccountKey},
		{id: id + "disable", verb: http.MethodPost, path: key + ":disable", empty: true, permission: may + "disable", handle: (*call).disableAccountKey},
	}
}

func (a *serviceAccount) keyDoc(k *accountKey) keyDoc {
	doc := keyDoc{
		Name: a.name() + "/keys/" + k.id, ValidAfterTime: seconds(k.created), ValidBeforeTime: "9999-12-31T23:59:59Z",
		KeyAlgorithm: "KEY_ALG_RSA_2048", KeyOrigin: "GOOGLE_PROVIDED", KeyType: userManaged, Disabled: k.disabled,
	}
	if k.disabled {
		doc.DisableReason = "SERVICE_ACCOUNT_KEY_DISABLE_REASON_USER_INITIATED"
	}
	return doc
}

// systemKeyLife is how long one of Google's own keys was seen to be valid.
const systemKeyLife = 16 * 24 * time.Hour

// systemKey is Google's own key of the account. It is replaced in time, and nobody
// ever sees it: so there is none, only its description.
func (a *serviceAccount) systemKey(now time.Time) keyDoc {
	n := now.Sub(a.created) / systemKeyLife
	from := a.created.Add(n * systemKeyLife)
	return keyDoc{
		Name:           a.name() + "/keys/" + keyID(fmt.Append(nil, a.uniqueID, n)),
		ValidAfterTime: seconds(from), ValidBeforeTime: seconds(from.Add(systemKeyLife)),
		KeyAlgorithm: "KEY_ALG_RSA_2048", KeyOrigin: "GOOGLE_PROVIDED", KeyType: systemManaged,
	}
}

func seconds(t time.Time) string { return timestamp(t.Truncate(time.Second)) }

var keyIDForm = regexp.MustCompile(`^[0-9a-f]{40}$`)

func keyID(of []byte) string {
	sum := sha256.Sum256(of)
	return fmt.Sprintf("%x", sum[:20])
}

// listAccountKeys answers those of the kinds asked for; without one, all.
func (c *call) listAccountKeys() (any, error) {
	a, err := c.accountOf()
	if err != nil {
		return nil, err
	}
	kinds := c.query["keyTypes"]
	for i, kind := range kinds {
		if kind != userManaged && kind != systemManaged {
			return nil, invalidArgument("Invalid value at 'key_types' (type.googleapis.com/google.iam.admin.v1.ListServiceAccountKeysRequest.KeyType), %q", kind)
		}
		if slices.Contains(kinds[:i], kind) {
			return nil, invalidArgument("Duplicate key types are not allowed.")
		}
	}
	wanted := func(kind string) bool { return len(kinds) == 0 || slices.Contains(kinds, kind) }
	var docs []keyDoc
	if wanted(userManaged) {
		for _, k := range a.keys {
			docs = append(docs, a.keyDoc(k))
		}
	}
	if wanted(systemManaged) {
		docs = append(docs, a.systemKey(c.now))
	}
	return struct {
		Keys []keyDoc `json:"keys,omitempty"`
	}{docs}, nil
}

// keyOf is the account of the path and its key. That is nil for Google's own one.
func (c *call) keyOf() (*serviceAccount, *accountKey, error) {
	a, err := c.accountOf()
	if err != nil {
		return nil, nil, err
	}
	for _, k := range a.keys {
		if k.id == c.vars["key"] {
			return a, k, nil
		}
	}
	if a.systemKey(c.now).Name == a.name()+"/keys/"+c.vars["key"] {
		return a, nil, nil
	}
	return nil, nil, notFound("Service account key %s does not exist.", c.vars["key"])
}

// getAccountKey shows the public half where it is asked for.
//
// not modelled: the public half as a raw key, and of Google's own keys.
func (c *call) getAccountKey() (any, error) {
	a, k, err := c.keyOf()
	if err != nil {
		return nil, err
	}
	doc := a.systemKey(c.now)
	if k != nil {
		doc = a.keyDoc(k)
	}
	switch c.query.Get("publicKeyType") {
	case "", "TYPE_NONE":
		return doc, nil
	case "TYPE_X509_PEM_FILE":
		if k == nil {
			break
		}
		doc.PublicKeyData = base64.StdEncoding.EncodeToString([]byte(k.certificate))
		return doc, nil
	case "TYPE_RAW_PUBLIC_KEY":
	default:
		return nil, invalidArgument("Invalid value at 'public_key_type' (type.googleapis.com/google.iam.admin.v1.ServiceAccountPublicKeyType), %q", c.query.Get("publicKeyType"))
	}
	return nil, notModelled("the public half of this key in this form")
}

// deleteAccountKey refuses to delete Google's own.
func (c *call) deleteAccountKey() (any, error) {
	a, k, err := c.keyOf()
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, failedPrecondition("Precondition check failed.")
	}
	a.keys = slices.DeleteFunc(a.keys, func(other *accountKey) bool { return other == k })
	return nil, nil
}

func (c *call) enableAccountKey() (any, error)  { return c.setKeyDisabled(false) }
func (c *call) disableAccountKey() (any, error) { return c.setKeyDisabled(true) }

func (c *call) setKeyDisabled(disabled bool) (any, error) {
	_, k, err := c.keyOf()
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, failedPrecondition("Precondition check failed.")
	}
	k.disabled = disabled
	return nil, nil
}
