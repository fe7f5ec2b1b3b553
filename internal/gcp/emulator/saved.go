package emulator

import "time"

// savedVersion is the version of the format. Another one is refused.
const savedVersion = 1

// Saved is all that outlives a server, in the form of a state file: JSON that
// people can read and compare, always in the same order. Everything hangs below
// its project, so that nothing can name a project that is not there.
//
// Not kept: access tokens, operations, unfinished uploads, faults, requests, the skew and
// key sets fetched from issuers. What was purged is not kept either.
type Saved struct {
	Version  int            `json:"version"`
	Advanced string         `json:"clockAdvanced,omitempty"` // what Advance added, for instance 720h0m0s
	Serial   uint64         `json:"serial"`                  // the last number given out, so that none comes twice
	Projects []SavedProject `json:"projects"`
}

// SavedProject is a project and all that is in it. Pools and buckets come by
// name, accounts in the order they were made.
type SavedProject struct {
	ID       string               `json:"projectId"`
	Number   string               `json:"projectNumber"`
	Created  time.Time            `json:"created"`
	Deleted  time.Time            `json:"deleted,omitzero"`
	Unbilled bool                 `json:"withoutBillingAccount,omitempty"`
	Services []string             `json:"enabledServices,omitempty"`
	Late     map[string]time.Time `json:"enabledFrom,omitempty"` // enabled, but not answering before
	Policy   SavedPolicy          `json:"policy"`

	Pools    []SavedPool       `json:"pools,omitempty"`
	Denies   []SavedDenyPolicy `json:"denyPolicies,omitempty"`
	Accounts []SavedAccount    `json:"serviceAccounts,omitempty"`
	Buckets  []SavedBucket     `json:"buckets,omitempty"`
}

// SavedPolicy is an allow policy. A service account's address carries its unique
// id, serviceAccount:EMAIL?uid=ID: that is whom the binding means.
type SavedPolicy struct {
	Etag     string         `json:"etag,omitempty"` // a bucket's comes from its metageneration
	Bindings []SavedBinding `json:"bindings,omitempty"`
	Audit    []SavedAudit   `json:"auditConfigs,omitempty"`
	// Enforcement is there while a change is under way (LagTypical): what is
	// enforced from when on, where it differs from the bindings.
	Enforcement []SavedGrant `json:"enforcement,omitempty"`
}

// SavedBinding is one role and who has it.
type SavedBinding struct {
	Role      string          `json:"role"`
	Members   []string        `json:"members"`
	Condition *SavedCondition `json:"condition,omitempty"`
}

// SavedCondition is the condition of a binding.
type SavedCondition struct {
	Expression  string `json:"expression"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Location    string `json:"location,omitempty"`
}

// SavedAudit is what one service logs.
type SavedAudit struct {
	Service string          `json:"service"`
	Logs    []SavedAuditLog `json:"auditLogConfigs,omitempty"`
}

// SavedAuditLog is one kind of log and who is left out of it.
type SavedAuditLog struct {
	Type     string   `json:"logType"`
	Exempted []string `json:"exemptedMembers,omitempty"`
}

// SavedGrant is one change of what is enforced: from then on the member has the
// role, or no longer.
type SavedGrant struct {
	Role    string    `json:"role"`
	Member  string    `json:"member"`
	Granted bool      `json:"granted"`
	From    time.Time `json:"from,omitzero"` // absent: always
}

// SavedLife is the soft delete of pools, providers and accounts.
type SavedLife struct {
	Created time.Time `json:"created"`
	Visible time.Time `json:"visibleFrom,omitzero"` // absent: visible
	Deleted time.Time `json:"deleted,omitzero"`     // absent: active
}
