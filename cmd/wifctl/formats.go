package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/wifctl/wifctl/internal/report"
)

// writeReport writes a report in a format for machines.
func writeReport(s streams, format string, r report.Report) error {
	switch format {
	case "junit":
		return report.JUnit(s.out, r)
	case "github":
		jobSummary(s, r)
		return report.GitHub(s.out, r)
	default:
		return report.JSON(s.out, r)
	}
}

// jobSummary adds the report to the summary of a job of GitHub Actions, where there is one.
// That it can't be written is told, and is no matter of the trust.
func jobSummary(s streams, r report.Report) {
	name := s.env("GITHUB_STEP_SUMMARY")
	if name == "" {
		return
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // the runner reads it, and named it
	if err == nil {
		err = errors.Join(report.Markdown(f, r), f.Close())
	}
	if err != nil {
		fmt.Fprintf(s.err, "wifctl %s: write the job summary: %s\n", r.Command, report.Visible(err.Error()))
	}
}

// formatOf reads the format off a command line that may not even parse.
func formatOf(args []string) string {
	for i, a := range args {
		switch {
		case a == "-o" || a == "--output":
			return strings.Join(args[min(i+1, len(args)):min(i+2, len(args))], "")
		case strings.HasPrefix(a, "--output="):
			return strings.TrimPrefix(a, "--output=")
		case strings.HasPrefix(a, "-o"):
			return strings.TrimPrefix(strings.TrimPrefix(a, "-o"), "=")
		}
	}
	return ""
}
