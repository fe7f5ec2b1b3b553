package trust

import (
	"embed"
	"regexp"
	"strconv"
	"strings"
	"text/template"
)

// What a manifest says where nothing else was asked for.
const (
	DefaultPodName     = "gcs-client" // as in CoreWeave's tutorial
	DefaultPodImage    = "gcr.io/google.com/cloudsdktool/google-cloud-cli:slim"
	DefaultCronJobName = "wifctl-verify"
	DefaultSchedule    = "17 * * * *" // not at the full hour, when everybody's run
)

// Manifest is what may be chosen about what is printed for kubectl apply. All else follows
// from the trust.
type Manifest struct {
	Name     string
	Image    string
	Schedule string // of a CronJob
}

// maxCronJobName leaves room for what Kubernetes appends to name the Jobs.
// (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/)
const maxCronJobName = 52

var (
	imageName = regexp.MustCompile(`^[^\s"'\\]+$`)
	cronMacro = regexp.MustCompile(`^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$`)
)

// ValidatePod reports what is wrong with the manifest of a pod.
func (m Manifest) ValidatePod() error {
	if err := check("--name", m.Name, len(m.Name) <= maxLabel && dnsLabel.MatchString(m.Name),
		"must be at most 63 lower-case letters, digits and hyphens"); err != nil {
		return err
	}
	return CheckImage(m.Image)
}

// ValidateCronJob reports what is wrong with the manifest of a CronJob.
func (m Manifest) ValidateCronJob() error {
	if m.Image == "" {
		return &InputError{Flag: "--image", Rule: "is required: no image of wifctl is published; docs/ci.md has the four lines that build one", Missing: true}
	}
	if err := check("--name", m.Name, len(m.Name) <= maxCronJobName && dnsLabel.MatchString(m.Name),
		"must be at most 52 lower-case letters, digits and hyphens"); err != nil {
		return err
	}
	if err := check("--schedule", m.Schedule, cronMacro.MatchString(m.Schedule) || len(strings.Fields(m.Schedule)) == 5,
		"must be five fields, such as '17 * * * *', or @hourly, @daily, @weekly or @monthly"); err != nil {
		return err
	}
	return CheckImage(m.Image)
}

// CheckImage reports what can't be the name of an image.
func CheckImage(image string) error {
	return check("--image", image, imageName.MatchString(image), "is not the name of an image")
}

// PodManifest is the tutorial's pod: it lists the bucket and reads an object with gcloud.
// The project and the cluster must be known.
//
// https://docs.cloud.google.com/iam/docs/workload-identity-federation-with-kubernetes
func (t *Trust) PodManifest(m Manifest) []byte {
	v := t.values(m)
	v.Container, v.Scratch = "gcloud", true
	v.Env = []variable{{"CLOUDSDK_CONFIG", "/tmp/gcloud", "where gcloud writes; not needed by a client library"}}
	if t.cfg.Endpoint != "" {
		v.Env = append(v.Env, variable{"CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", strings.TrimSuffix(t.cfg.Endpoint, "/") + "/", ""})
	}
	v.Program = render("read.yaml", v)
	v.Spec = render("podspec.yaml", v)
	return []byte(render("pod.yaml", v) + "\n")
}

// CronJobManifest runs wifctl verify in the cluster, in a pod that has nothing but its own
// token and the credential file. The project and the cluster must be known.
func (t *Trust) CronJobManifest(m Manifest) []byte {
	v := t.values(m)
	v.Container = "wifctl"
	v.Program = render("verify.yaml", v)
	v.Spec = render("podspec.yaml", v)
	return []byte(render("cronjob.yaml", v) + "\n")
}

// values are what the templates are filled with.
type values struct {
	Manifest
	Namespace, ServiceAccount, Bucket, Audience, ConfigMap, Endpoint string

	Container     string
	Program, Spec string // parts that are rendered already
	Env           []variable
	Scratch       bool // it writes files
}

type variable struct{ Name, Value, Why string }

func (t *Trust) values(m Manifest) values {
	return values{
		Manifest: m, Namespace: t.w.Namespace, ServiceAccount: t.w.ServiceAccount, Bucket: t.w.Bucket,
		Audience: t.audience(), ConfigMap: t.configMap(), Endpoint: t.cfg.Endpoint,
	}
}

//go:embed manifest
var manifestFiles embed.FS

// manifests are texts and not objects, for the sake of the order and the comments that
// people read.
var manifests = template.Must(template.New("").
	Funcs(template.FuncMap{"yaml": yamlScalar, "indent": indent}).
	ParseFS(manifestFiles, "manifest/*.yaml"))

func render(name string, v values) string {
	var b strings.Builder
	if err := manifests.ExecuteTemplate(&b, name, v); err != nil {
		panic(err) // the templates are ours, and every one is rendered in a test
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func indent(n int, text string) string {
	pad := strings.Repeat(" ", n)
	return pad + strings.ReplaceAll(text, "\n", "\n"+pad)
}

var (
	plainScalar  = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9_./@:-]*[A-Za-z0-9_/]$`)
	reservedWord = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null)$`)
)

// yamlScalar writes a string so that YAML reads a string back: a namespace may well be
// called 12 or null.
func yamlScalar(s string) string {
	if plainScalar.MatchString(s) && !reservedWord.MatchString(s) {
		return s
	}
	return strconv.Quote(s)
}
