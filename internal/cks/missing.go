package cks

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
	"slices"
)

// Missing lists the kids of the keys that are not among have: the same kid with another key
// is another key. Keys are compared by their numbers, since Google reformats what is uploaded.
func Missing(keys, have []Key) []string {
	var out []string
	for _, k := range keys {
		same := func(h Key) bool { return h.KID == k.KID && h.Usable && sameKey(h.public, k.public) }
		if !slices.ContainsFunc(have, same) {
			out = append(out, fmt.Sprintf("key %q", oneLine(k.KID, 60)))
		}
	}
	return out
}

func sameKey(a, b any) bool {
	switch a := a.(type) {
	case *rsa.PublicKey:
		return a.Equal(b)
	case *ecdsa.PublicKey:
		return a.Equal(b)
	default:
		return false
	}
}
