package trust

import (
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// managedBy begins the description of every pool, provider and GSA that wifctl made.
const managedBy = "Managed by wifctl"

// maxDescription is Google's limit for a description, in bytes for a GSA and in
// characters for the rest; issuers are ASCII.
const maxDescription = 256

// mark is the description of what is made for an issuer.
func mark(issuer string) string {
	m := managedBy + " for " + issuer
	return m[:min(len(m), maxDescription)]
}

// ownerOf tells by its description whose a thing is.
func ownerOf(description string) pipeline.Owner {
	if strings.HasPrefix(description, managedBy) {
		return pipeline.Ours
	}
	return pipeline.Theirs
}

// mayMend reports whether a difference may be set right: on what is ours, or where the
// user said to adopt what is not.
func (t *Trust) mayMend(owner pipeline.Owner) bool { return owner == pipeline.Ours || t.cfg.Adopt }

// mend is the word for setting right what belongs to owner.
func mend(owner pipeline.Owner) pipeline.Action {
	if owner == pipeline.Ours {
		return pipeline.ActionUpdate
	}
	return pipeline.ActionAdopt
}

// outcome is the word for having done what a look announced.
func outcome(a pipeline.Action) pipeline.Outcome {
	switch a {
	case pipeline.ActionRestore:
		return pipeline.Restored
	case pipeline.ActionAdopt:
		return pipeline.Adopted
	case pipeline.ActionUpdate:
		return pipeline.Updated
	default:
		return pipeline.Created
	}
}
