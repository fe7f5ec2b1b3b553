package emulator

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
)

// policyDoc is an allow policy as JSON
// (docs.cloud.google.com/iam/docs/reference/rest/v1/Policy).
type policyDoc struct {
	Version      int           `json:"version,omitempty"`
	Bindings     []bindingDoc  `json:"bindings,omitempty"`
	AuditConfigs []auditConfig `json:"auditConfigs,omitempty"`
	Etag         string        `json:"etag,omitempty"`
}

type bindingDoc struct {
	Role      string     `json:"role"`
	Members   []string   `json:"members"`
	Condition *condition `json:"condition,omitempty"`
}

type condition struct {
	Expression  string `json:"expression"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Location    string `json:"location,omitempty"`
}

type auditConfig struct {
	Service         string           `json:"service"`
	AuditLogConfigs []auditLogConfig `json:"auditLogConfigs,omitempty"`
}

type auditLogConfig struct {
	LogType         string   `json:"logType"`
	ExemptedMembers []string `json:"exemptedMembers,omitempty"`
}

// allowPolicy is the policy of one resource. Members are stored as identities
// (see identity), so that a recreated account is not the old one.
type allowPolicy struct {
	revision uint64 // 0: never written
	bindings []bindingDoc
	audit    []auditConfig
	history  []grant       // what enforcement knows, in the order written
	denies   []*denyPolicy // of a project: its deny policies, by id
}

// etag of the policy. It holds neither + nor /, whose URL-safe spelling gcloud
// sends back; sameEtag takes both anyway. A policy never written has ACAB, as
// in Google's examples.
func (p *allowPolicy) etag() string { return encodeEtag(p.revision) }

func encodeEtag(revision uint64) string {
	if revision == 0 {
		return "ACAB"
	}
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, 0x0706<<48|revision))
}

// nextRevision numbers a policy write, passing over numbers whose etag would
// hold a + or a /.
func (s *Server) nextRevision() uint64 {
	for {
		if n := s.nextSerial(); !strings.ContainsAny(encodeEtag(n), "+/") {
			return n
		}
	}
}

// decodeEtag takes both base64 alphabets, padded or not.
func decodeEtag(etag string) ([]byte, bool) {
	plain := strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(etag)
	b, err := base64.RawStdEncoding.DecodeString(plain)
	return b, err == nil
}

// sameEtag compares the bytes two etags stand for.
func sameEtag(a, b string) bool {
	x, okX := decodeEtag(a)
	y, okY := decodeEtag(b)
	return okX && okY && bytes.Equal(x, y)
}

// show is the policy as a reader asking for a version sees it. Without
// conditions that is version 1, whatever was asked for; with conditions a
// reader of an older version sees the role with a suffix and no condition
// (docs.cloud.google.com/iam/docs/allow-policies#specifying-version-get).
func (s *Server) show(p *allowPolicy, version int) policyDoc {
	doc := policyDoc{Version: 1, Etag: p.etag(), AuditConfigs: p.audit}
	for _, b := range p.bindings {
		shown := bindingDoc{Role: b.Role, Condition: b.Condition}
		for _, m := range b.Members {
			shown.Members = append(shown.Members, s.displayed(m))
		}
		if b.Condition != nil && version < 3 {
			shown.Role, shown.Condition = b.Role+withCondition+conditionHash(b.Condition), nil
		}
		if shown.Condition != nil {
			doc.Version = 3
		}
		doc.Bindings = append(doc.Bindings, shown)
	}
	return doc
}

// add grants a role at once, without the lag of a written policy: for what the
// server is seeded with.
func (p *allowPolicy) add(s *Server, role string, members ...string) {
	p.revision = s.nextRevision()
	p.bindings = append(p.bindings, bindingDoc{Role: role, Members: slices.Clone(members)})
	for _, m := range members {
		p.history = append(p.history, grant{role: role, member: m, granted: true})
	}
}
