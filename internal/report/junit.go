package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/wifctl/wifctl/internal/pipeline"
)

// The parts of the JUnit report format that CI systems read; there is no standard but the
// schema that most follow: https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"` // seconds
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report as a JUnit test suite: a test case for each check.
func JUnit(w io.Writer, r Report) error {
	suite := junitSuite{Name: "wifctl " + r.Command, Properties: properties(r)}
	var total float64
	for _, j := range r.Checks {
		c := junitCase{Name: string(j.ID) + ": " + j.Text, Class: "wifctl." + j.Code, Time: secondsOf(j.Duration.Seconds())}
		suite.Tests++
		total += j.Duration.Seconds()
		switch j.Verdict {
		case pipeline.Warn:
			c.Output = "warning: " + j.Detail
		case pipeline.Skip:
			suite.Skipped++
			c.Skipped = &junitMessage{Message: j.Because}
		case pipeline.Fail:
			suite.Failures++
			c.Failure = failure(j)
		}
		for _, line := range j.Said {
			c.Output = strings.TrimPrefix(c.Output+"\n"+line, "\n")
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Time = secondsOf(total)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func secondsOf(s float64) string { return fmt.Sprintf("%.3f", s) }

func properties(r Report) (all []junitProperty) {
	for _, p := range [][2]string{
		{"version", r.Version}, {"context", r.Trust.Context}, {"cluster", r.Trust.Cluster}, {"issuer", r.Trust.Issuer},
		{"project", r.Trust.ProjectID}, {"namespace", r.Trust.Namespace}, {"serviceAccount", r.Trust.ServiceAccount}, {"bucket", r.Trust.Bucket},
	} {
		if p[1] != "" {
			all = append(all, junitProperty{p[0], p[1]})
		}
	}
	return all
}

// failure is what a person reads of a failed check in a CI system.
func failure(j pipeline.Judged) *junitMessage {
	lines := []string{or(j.Detail, "not true: "+j.Text)}
	if !stopped(j.Err) {
		lines = append(lines, j.Remedy.Cause)
		lines = append(lines, j.Remedy.Run...)
		lines = append(lines, j.Remedy.See)
	}
	text := strings.Join(lines, "\n")
	return &junitMessage{Message: lines[0], Type: j.Code, Text: strings.TrimRight(text, "\n")}
}
