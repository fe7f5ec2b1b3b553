package main

import (
	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/wifctl/wifctl/internal/trust"
)

func newManifest(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "manifest",
		Short: "Print what to apply in the cluster: a pod that reads, a CronJob that verifies",
		Long: `manifest prints YAML for kubectl apply, with the names of the trust filled in. It
changes nothing, and asks only for what the names are made of.`,
		Example: `  wifctl manifest pod --project my-project-123 --bucket my-bucket | kubectl apply -f -`,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newManifestPod(s), newManifestCronJob(s))
	return cmd
}

func newManifestPod(s streams) *cobra.Command {
	var m trust.Manifest
	cmd := &cobra.Command{
		Use:   "pod",
		Short: "Print a pod that reads the bucket",
		Long: `pod prints a pod that lists the bucket and reads the end of one object, with gcloud and
without a key. Namespaces that enforce Pod Security "restricted" admit it. For a pod of
your own, copy its volumes, its GOOGLE_APPLICATION_CREDENTIALS and its security context.
wifctl verify --pod runs this pod and removes it.`,
		Example: `  wifctl manifest pod --project my-project-123 --bucket my-bucket | kubectl apply -f -
  kubectl logs --namespace foo gcs-client --follow`,
		Args: noArgs,
	}
	o := addFlags(cmd, s)
	cmd.Flags().Lookup("output").Usage = "text, which is YAML, or json"
	cmd.Flags().StringVar(&m.Name, "name", trust.DefaultPodName, "name of the pod")
	cmd.Flags().StringVar(&m.Image, "image", trust.DefaultPodImage, "image with sh and gcloud")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := m.ValidatePod(); err != nil {
			return err
		}
		return printNamed(cmd, s, o, func(t *trust.Trust) []byte { return inFormat(o.output, t.PodManifest(m)) })
	}
	return cmd
}

func newManifestCronJob(s streams) *cobra.Command {
	var m trust.Manifest
	cmd := &cobra.Command{
		Use:   "cronjob",
		Short: "Print a CronJob that runs wifctl verify in the cluster",
		Long: `cronjob prints a CronJob that runs wifctl verify in a pod of the ServiceAccount, with
nothing but the pod's own token and the credential file: no login, no key, no RBAC. A
failed Job is a failed verify, and its log says what mends it.

There is no published image of wifctl. docs/ci.md has the lines that build one.`,
		Example: `  wifctl manifest cronjob --project my-project-123 --bucket my-bucket --image registry.example.com/wifctl:1 | kubectl apply -f -`,
		Args:    noArgs,
	}
	o := addFlags(cmd, s)
	cmd.Flags().Lookup("output").Usage = "text, which is YAML, or json"
	cmd.Flags().StringVar(&m.Name, "name", trust.DefaultCronJobName, "name of the CronJob")
	cmd.Flags().StringVar(&m.Image, "image", "", "image with wifctl; required")
	cmd.Flags().StringVar(&m.Schedule, "schedule", trust.DefaultSchedule, "when to run, in the five fields of cron")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := m.ValidateCronJob(); err != nil {
			return err
		}
		return printNamed(cmd, s, o, func(t *trust.Trust) []byte { return inFormat(o.output, t.CronJobManifest(m)) })
	}
	return cmd
}

// inFormat is a manifest of ours as text, or as JSON, which kubectl applies just as well.
func inFormat(format string, manifest []byte) []byte {
	if format != "json" {
		return manifest
	}
	raw, err := yaml.YAMLToJSON(manifest)
	if err != nil {
		panic(err) // we wrote it: a mistake of ours, seen by every test
	}
	return append(raw, '\n')
}
