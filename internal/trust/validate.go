package trust

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"

	"github.com/wifctl/wifctl/internal/cks"
	"github.com/wifctl/wifctl/internal/wif"
)

// Limits of Google's and Kubernetes' names.
//
// https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools
// https://docs.cloud.google.com/iam/quotas
const (
	maxSubject = 127 // bytes of google.subject
	maxLabel   = 63  // of a namespace: an RFC 1123 label
	maxDNSName = 253 // of a ServiceAccount: an RFC 1123 subdomain
)

var (
	poolID      = regexp.MustCompile(`^[a-z0-9-]{4,32}$`)
	accountID   = regexp.MustCompile(`^[a-z][-a-z0-9]{4,28}[a-z0-9]$`)
	projectID   = regexp.MustCompile(`^([a-z0-9.-]+:)?[a-z][-a-z0-9]{4,28}[a-z0-9]$`)
	dnsLabel    = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	dnsName     = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	bucketName  = regexp.MustCompile(`^[a-z0-9][-_.a-z0-9]*[a-z0-9]$`)
	location    = regexp.MustCompile(`^[A-Za-z]+(-?[A-Za-z0-9]+)*$`)
	storageRole = regexp.MustCompile(`^(roles/storage\.[A-Za-z.]+|(projects|organizations)/[^/]+/roles/[A-Za-z0-9_.]+)$`)
)

// InputError is a mistake in what the user asked for: which value, and the rule.
type InputError struct {
	Flag    string // "--pool"
	Value   string
	Rule    string
	Missing bool // there is no value, and there must be one
}

func (e *InputError) Error() string {
	if e.Missing {
		return e.Flag + " " + e.Rule
	}
	return fmt.Sprintf("%s %q: %s", e.Flag, e.Value, e.Rule)
}

// What has no default.
var (
	errNoProject = &InputError{Flag: "--project", Rule: "is required: the id or number of the Google Cloud project", Missing: true}
	errNoBucket  = &InputError{Flag: "--bucket", Rule: "is required: the bucket that the pods read", Missing: true}
)

// Validate reports every mistake that can be seen without asking anybody.
func (c Config) Validate() error {
	if c.Project == "" && !c.Incomplete {
		return errors.Join(errNoProject, c.ValidateGiven())
	}
	return c.ValidateGiven()
}

// ValidateGiven is Validate for a project that may still be learned from the login.
func (c Config) ValidateGiven() error {
	errs := []error{checkProject(c.Project), checkPoolID("--pool", c.Pool)}
	if c.Provider != "" {
		errs = append(errs, checkPoolID("--provider", c.Provider))
	}
	if c.Issuer != "" {
		if err := cks.ValidateIssuer(c.Issuer); err != nil {
			errs = append(errs, &InputError{Flag: "--issuer", Value: c.Issuer, Rule: err.Error()})
		}
	}
	errs = append(errs, c.checkLocation())
	if c.Zone != "" && c.Cluster == "" {
		errs = append(errs, &InputError{Flag: "--zone", Value: c.Zone, Rule: "says which of the clusters with one name is meant, which takes --cluster"})
	}
	if c.Wait < 0 {
		errs = append(errs, &InputError{Flag: "--wait", Value: c.Wait.String(), Rule: "must not be negative"})
	}
	if len(c.Workloads) == 0 {
		errs = append(errs, &InputError{Flag: "workloads", Rule: "are missing: there is none", Missing: true})
	}
	for _, w := range c.Workloads {
		errs = append(errs, w.validate())
		if w.Bucket == "" && !c.Incomplete {
			errs = append(errs, errNoBucket)
		}
	}
	switch c.Principal {
	case "", PrincipalWorkload, PrincipalSubject:
	default:
		errs = append(errs, &InputError{Flag: "--principal", Value: string(c.Principal), Rule: "must be workload or subject"})
	}
	return errors.Join(errs...)
}

// CheckNamespace holds the name of a namespace to Kubernetes' rule.
func CheckNamespace(name string) error {
	return check("--namespace", name, len(name) <= maxLabel && dnsLabel.MatchString(name),
		"must be at most 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit")
}

func (w Workload) validate() error {
	return errors.Join(
		CheckNamespace(w.Namespace),
		check("--service-account", w.ServiceAccount, len(w.ServiceAccount) <= maxDNSName && dnsName.MatchString(w.ServiceAccount),
			"must be a DNS name of at most 253 lower-case letters, digits, hyphens and dots"),
		w.checkSubject(),
		checkAccount(w.GSA),
		checkBucket(w.Bucket),
		check("--role", w.Role, storageRole.MatchString(w.Role),
			"must be a role of Cloud Storage (roles/storage.…) or a custom role"),
		w.checkGrant(),
	)
}

// checkSubject holds the token's "sub" to Google's limit before anything is made:
// the exchange would refuse it.
func (w Workload) checkSubject() error {
	subject := wif.Subject(w.Namespace, w.ServiceAccount)
	if len(subject) <= maxSubject {
		return nil
	}
	return &InputError{Flag: "--service-account", Value: w.ServiceAccount, Rule: fmt.Sprintf(
		"the token's subject %s would be %d bytes, and Google accepts %d: shorten namespace or ServiceAccount by %d",
		subject, len(subject), maxSubject, len(subject)-maxSubject)}
}

func (w Workload) checkGrant() error {
	switch w.Grant {
	case "", GrantBucket, GrantProject:
		return nil
	}
	return &InputError{Flag: "--grant", Value: string(w.Grant), Rule: "must be bucket or project"}
}

// checkAccount takes the id of a GSA: its project is that of the rest.
func checkAccount(id string) error {
	if account, _, isEmail := strings.Cut(id, "@"); isEmail && accountID.MatchString(account) {
		return &InputError{Flag: "--gsa", Value: id, Rule: "is wanted without its project: --gsa " + account}
	}
	return check("--gsa", id, accountID.MatchString(id),
		"must be 6 to 30 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen")
}

func checkProject(project string) error {
	return check("--project", project, project == "" || isNumber(project) || projectID.MatchString(project),
		"is neither a project id (6 to 30 lower-case letters, digits and hyphens) nor a project number")
}

func checkPoolID(flag, id string) error {
	if strings.HasPrefix(id, "gcp-") {
		return &InputError{Flag: flag, Value: id, Rule: "must not begin with gcp-, which Google keeps for itself"}
	}
	return check(flag, id, poolID.MatchString(id), "must be 4 to 32 lower-case letters, digits and hyphens")
}

// checkLocation leaves it to Google which locations there are: new ones come.
func (c Config) checkLocation() error {
	if c.Location != "" && !c.CreateBucket {
		return &InputError{Flag: "--location", Value: c.Location, Rule: "says where to make the bucket, which takes --create-bucket"}
	}
	return check("--location", c.Location, c.Location == "" || location.MatchString(c.Location), "must be a location of Cloud Storage, such as EU or US-CENTRAL1")
}

// checkBucket follows https://docs.cloud.google.com/storage/docs/buckets#naming.
func checkBucket(name string) error {
	if name == "" {
		return nil
	}
	if rest, ok := strings.CutPrefix(name, "gs://"); ok {
		return &InputError{Flag: "--bucket", Value: name, Rule: "is wanted without gs://: --bucket " + strings.TrimSuffix(rest, "/")}
	}
	good := bucketName.MatchString(name) && len(name) >= 3 && len(name) <= 222 &&
		!strings.HasPrefix(name, "goog") && net.ParseIP(name) == nil
	for part := range strings.SplitSeq(name, ".") {
		good = good && len(part) <= 63 && part != ""
	}
	return check("--bucket", name, good,
		"must be 3 to 63 lower-case letters, digits, hyphens, underscores and dots, beginning and ending with a letter or digit")
}

// isNumber reports whether a project was given by its number.
func isNumber(project string) bool {
	_, err := strconv.ParseUint(project, 10, 64)
	return err == nil
}

func check(flag, value string, good bool, rule string) error {
	if good {
		return nil
	}
	return &InputError{Flag: flag, Value: value, Rule: rule}
}
