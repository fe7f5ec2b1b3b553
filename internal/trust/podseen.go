package trust

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/wifctl/wifctl/internal/kube"
)

// podSeen is all that was seen of the pod that verify ran.
type podSeen struct {
	kube.PodState
	events   []kube.Event // warnings, oldest first
	log      []string
	logErr   error
	vanished bool // somebody else deleted it
	after    time.Duration
}

// Why a container waits, where waiting longer does not help: a kubelet tries again all the
// same, for ever. ErrImagePull is not among them: it becomes ImagePullBackOff when the next
// try fails, too.
// (k8s.io/kubernetes/pkg/kubelet/images, pkg/kubelet/kuberuntime)
var (
	imageTrouble = []string{"ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable"}
	startTrouble = []string{"CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CrashLoopBackOff"}
)

// missingObject is what a volume is made of and is not there. Other mounts may still come
// about: a kubelet often is late in learning of a new pod's ConfigMap.
var missingObject = regexp.MustCompile(`(configmaps?|serviceaccounts?) "[^"]+" not found`)

// settled reports whether waiting longer would change nothing.
func (s podSeen) settled() bool {
	return s.vanished || s.Init != "" || s.Stage == "Succeeded" || s.Stage == "Failed" || s.Ended != "" ||
		slices.Contains(imageTrouble, s.Waiting) || slices.Contains(startTrouble, s.Waiting) ||
		s.Stage == "Pending" && missingObject.MatchString(s.told("FailedMount"))
}

// succeeded reports whether the program did what it was to do. Another container, which
// something in the cluster added, may well run on.
func (s podSeen) succeeded() bool {
	return s.Stage == "Succeeded" || s.Ended == "Completed" && s.ExitCode == 0
}

// told is the last warning of a kind.
func (s podSeen) told(reason string) string {
	for _, e := range slices.Backward(s.events) {
		if e.Reason == reason {
			return oneLine(e.Message)
		}
	}
	return ""
}

// now is where the pod has got to, in one line.
func (s podSeen) now() string {
	switch {
	case s.Unschedulable != "":
		return "no node takes the pod: " + oneLine(s.Unschedulable)
	case s.Node == "":
		return "no scheduler has taken up the pod"
	case s.Init != "":
		return "init container " + oneLine(s.Init)
	case s.Stage == "Running":
		return "the pod is running"
	}
	for _, reason := range []string{"FailedMount", "FailedCreatePodSandBox", "Failed"} {
		if told := s.told(reason); told != "" {
			return told
		}
	}
	return strings.TrimSuffix(fmt.Sprintf("%s: %s", or(s.Waiting, s.Stage), oneLine(s.Message)), ": ")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// What looks like a token. The program is not ours, and may print anything.
var secrets = []*regexp.Regexp{
	regexp.MustCompile(`eyJ[A-Za-z0-9_-]{6,}[A-Za-z0-9_.-]*`),                // a JWT
	regexp.MustCompile(`ya29\.[A-Za-z0-9_.-]+`),                              // Google's access tokens
	regexp.MustCompile(`(?i)\bbearer\s+[A-Za-z0-9_.~+/=-]{8,}`),              // in a header
	regexp.MustCompile(`(?i)\b(access|subject|id)_?token["']?\s*[:=]\s*\S+`), // in JSON and in forms
	regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----\S*`),              // where somebody still has one
}

// maxLine bounds a line of the log, in characters.
const maxLine = 500

// readable makes lines of a program's output that may be shown: without tokens, and
// without what moves a terminal's cursor.
func readable(text string) (lines []string) {
	for line := range strings.Lines(text) {
		line = strings.Map(func(r rune) rune {
			switch {
			case unicode.IsPrint(r):
				return r
			case unicode.IsSpace(r):
				return ' '
			}
			return -1 // a blank would break a token in two, and one half would be shown
		}, strings.TrimRight(line, "\r\n"))
		for _, secret := range secrets {
			line = secret.ReplaceAllString(line, "[token]")
		}
		if runes := []rune(line); len(runes) > maxLine {
			line = string(runes[:maxLine]) + "…"
		}
		if strings.TrimSpace(line) != "" {
			lines = append(lines, strings.TrimRight(line, " "))
		}
	}
	return lines
}
