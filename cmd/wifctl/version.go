package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// buildVersion is set by the linker: see the Makefile.
var buildVersion string

// version is that of the linker, else that of the module, else "dev".
func version() string {
	if buildVersion != "" {
		return buildVersion
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

func versionLine() string {
	return fmt.Sprintf("wifctl %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func newVersion(s streams) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use: "version", Short: "Print the version", Example: "  wifctl version -o json", Args: noArgs,
		Long: "version prints which wifctl this is, what it was built with, and for which system.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch output {
			case "text":
				_, err := fmt.Fprint(s.out, versionLine())
				return err
			case "json":
				return json.NewEncoder(s.out).Encode(map[string]string{
					"schema": "wifctl/v1", "command": "version", "version": version(),
					"go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
				})
			}
			return usage(cmd, fmt.Errorf("--output %q: must be text or json", output))
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	complete(cmd, map[string]cobra.CompletionFunc{"output": oneOf("text", "json")})
	return cmd
}
