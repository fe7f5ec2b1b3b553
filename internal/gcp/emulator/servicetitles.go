package emulator

// titles are the APIs that can be enabled here, as they call themselves.
//
// not modelled: the several hundred others.
var titles = map[string]string{
	"cloudresourcemanager.googleapis.com": "Cloud Resource Manager API",
	"compute.googleapis.com":              "Compute Engine API",
	"container.googleapis.com":            "Kubernetes Engine API",
	"iam.googleapis.com":                  "Identity and Access Management (IAM) API",
	"iamcredentials.googleapis.com":       "IAM Service Account Credentials API",
	"logging.googleapis.com":              "Cloud Logging API",
	"monitoring.googleapis.com":           "Cloud Monitoring API",
	"serviceusage.googleapis.com":         "Service Usage API",
	"storage-api.googleapis.com":          "Google Cloud Storage JSON API",
	"storage-component.googleapis.com":    "Cloud Storage",
	"storage.googleapis.com":              "Cloud Storage API",
	"sts.googleapis.com":                  "Security Token Service API",
}

// link is one entry of a google.rpc.Help detail.
type link struct {
	Description string `json:"description"`
	URL         string `json:"url"`
}

type help struct {
	Type  string `json:"@type"`
	Links []link `json:"links"`
}

// serviceDisabled is the 403 of an API that is not enabled in a project.
func serviceDisabled(name, number string) *apiError {
	title := titles[name]
	address := "https://console.developers.google.com/apis/api/" + name + "/overview?project=" + number
	e := newError(403, "%s has not been used in project %s before or it is disabled. Enable it by visiting %s then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.", title, number, address)
	e.reason = "accessNotConfigured"
	e.details = []any{
		help{"type.googleapis.com/google.rpc.Help", []link{{"Google developers console API activation", address}}},
		newErrorInfo("SERVICE_DISABLED", "googleapis.com", map[string]string{
			"activationUrl": address, "consumer": "projects/" + number, "containerInfo": number,
			"service": name, "serviceTitle": title,
		}),
	}
	return e
}
