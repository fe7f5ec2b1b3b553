package emulator

// serviceAccount is one account, kept after its deletion: an undelete brings it
// back, and policies go on showing it.
type serviceAccount struct {
	lifecycle
	project     *project
	email       string
	uniqueID    string // 21 digits
	displayName string
	description string
	disabled    bool
	policy      *allowPolicy
}

// accountByUniqueID finds an account, deleted or not.
func (s *Server) accountByUniqueID(id string) (*serviceAccount, bool) {
	for _, a := range s.accounts {
		if a.uniqueID == id {
			return a, true
		}
	}
	return nil, false
}

// account finds an account that exists, by address or unique id.
func (s *Server) account(emailOrID string) (*serviceAccount, bool) {
	for _, a := range s.accounts {
		if !a.isDeleted() && (a.email == emailOrID || a.uniqueID == emailOrID) {
			return a, true
		}
	}
	return nil, false
}

// caller is the identity of a token issued to the account.
func (a *serviceAccount) caller(scopes []string) caller {
	return caller{
		kind: tokenAccount, member: "serviceAccount:" + a.email, email: a.email,
		principals: []string{a.identity()}, scopes: scopes,
	}
}

func accountRoutes() []route { return nil }
