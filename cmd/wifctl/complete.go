package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wifctl/wifctl/internal/trust"
)

// readingRoles are the predefined roles that let somebody list a bucket and read what is
// in it, the narrowest first.
//
// https://docs.cloud.google.com/iam/docs/roles-permissions/storage
var readingRoles = []string{
	trust.DefaultRole + "\tread objects",
	"roles/storage.objectUser\tread and write objects",
	"roles/storage.objectAdmin\tand give access to them",
	"roles/storage.admin\tand the bucket itself",
}

// locations are some of those that a bucket can be made in.
//
// https://docs.cloud.google.com/storage/docs/locations
var locations = []string{
	"US", "EU", "ASIA", "US-CENTRAL1", "US-EAST1", "US-EAST4", "US-EAST5", "US-SOUTH1", "US-WEST1", "US-WEST2", "US-WEST3", "US-WEST4",
	"NORTHAMERICA-NORTHEAST1", "EUROPE-NORTH1", "EUROPE-WEST1", "EUROPE-WEST2", "EUROPE-WEST3", "EUROPE-WEST4",
	"ASIA-EAST1", "ASIA-NORTHEAST1", "ASIA-SOUTHEAST1", "AUSTRALIA-SOUTHEAST1",
}

// completeFlags says what the values of the shared flags can be.
func (o *options) completeFlags(cmd *cobra.Command, s streams) {
	l := looker{o: o, s: s}
	complete(cmd, map[string]cobra.CompletionFunc{
		"context":         l.live(l.contexts),
		"namespace":       l.live(l.inCluster(l.namespaces)),
		"service-account": l.live(l.inCluster(l.serviceAccounts)),
		"pool":            l.live(l.atGoogle(l.pools)),
		"provider":        l.live(l.atGoogle(l.providers)),
		"gsa":             l.live(l.atGoogle(l.accounts)),
		"bucket":          l.live(l.atGoogle(l.buckets)),
		"cluster":         l.live(l.clusters),
		"role":            oneOf(readingRoles...),
		"grant":           oneOf(string(trust.GrantBucket), string(trust.GrantProject)),
		"principal":       oneOf(string(trust.PrincipalWorkload), string(trust.PrincipalSubject)),
		"output": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return o.formats, cobra.ShellCompDirectiveNoFileComp // some commands add one
		},
	})
	completeFiles(cmd, "kubeconfig")
	completeFiles(cmd, "access-token-file")
	completeFiles(cmd, "config", "yaml", "yml", "json")
}

// complete says what the values of some flags can be.
func complete(cmd *cobra.Command, flags map[string]cobra.CompletionFunc) {
	for flag, values := range flags {
		if err := cmd.RegisterFlagCompletionFunc(flag, values); err != nil {
			panic(err) // a flag that we did not define: a mistake of ours, seen by every test
		}
	}
}

// completeFiles says that the value of a flag is a file.
func completeFiles(cmd *cobra.Command, flag string, endings ...string) {
	if err := cmd.MarkFlagFilename(flag, endings...); err != nil {
		panic(err) // as above
	}
}

func oneOf(values ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
}

// completeNothingElse keeps shells from offering files where there is nothing to offer:
// that is what they do where they are told nothing.
func completeNothingElse(cmd *cobra.Command) {
	if cmd.ValidArgsFunction == nil {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		_, known := cmd.GetFlagCompletionFunc(f.Name)
		_, isFile := f.Annotations[cobra.BashCompFilenameExt]
		if !known && !isFile {
			complete(cmd, map[string]cobra.CompletionFunc{f.Name: cobra.NoFileCompletions})
		}
	})
	for _, c := range cmd.Commands() {
		completeNothingElse(c)
	}
}
