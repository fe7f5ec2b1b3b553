package main

import (
	"bytes"

	"github.com/spf13/cobra"

	"github.com/wifctl/wifctl/internal/pipeline"
	"github.com/wifctl/wifctl/internal/trust"
)

func newCredentials(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "credentials",
		Short: "Print the credential file for the pods",
		Long: `credentials prints the external_account file that setup puts into the ConfigMap, byte
for byte what gcloud iam workload-identity-pools create-cred-config would write. There
is no secret in it: it says where the pod's token is and what to exchange it for.`,
		Example: `  wifctl credentials --project my-project-123 --bucket my-bucket > credential-configuration.json`,
		Args:    noArgs,
	}
	o := addFlags(cmd, s)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return printNamed(cmd, s, o, (*trust.Trust).CredentialFile)
	}
	return cmd
}

// printNamed learns the names of the trust and prints what is made of them.
func printNamed(cmd *cobra.Command, s streams, o *options, text func(*trust.Trust) []byte) error {
	ss, err := open(cmd.Context(), cmd, s, o, trust.ToName)
	if err != nil {
		return err
	}
	ctx, cancel := ss.bound(cmd.Context())
	defer cancel()
	looked, err := pipeline.Run{Steps: ss.trust.NamingSteps()}.Look(ctx)
	if err != nil {
		return err
	}
	if status := statusOfReport("plan", looked); status != exitOK {
		return ss.finish(looked, status, "")
	}
	out := text(ss.trust)
	if s.outTerm && !bytes.HasSuffix(out, []byte("\n")) { // for the prompt to stand on a line of its own
		out = append(out, '\n')
	}
	_, err = s.out.Write(out)
	return err
}
