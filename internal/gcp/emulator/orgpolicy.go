package emulator

// violation is one entry of a google.rpc.PreconditionFailure detail.
type violation struct {
	Type        string `json:"type"`
	Subject     string `json:"subject,omitempty"`
	Description string `json:"description,omitempty"`
}

type preconditionFailure struct {
	Type       string      `json:"@type"`
	Violations []violation `json:"violations"`
}

// orgPolicyViolated is the refusal of a write by an organisation policy
// (docs.cloud.google.com/iam/docs/troubleshoot-org-policies).
//
// not modelled: managed and custom constraints, and the minutes until a policy counts.
func orgPolicyViolated(message, constraint, subject, description string) *apiError {
	e := failedPrecondition("%s", message)
	e.details = []any{preconditionFailure{
		"type.googleapis.com/google.rpc.PreconditionFailure",
		[]violation{{constraint, subject, description}},
	}}
	return e
}
