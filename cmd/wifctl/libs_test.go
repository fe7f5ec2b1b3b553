package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"cloud.google.com/go/storage"
	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/api/option"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wifctl/wifctl/internal/trust"
)

// podProgram is what people run in a pod: Google's own library, the credentials that it
// finds by itself, and nothing of wifctl's. It prints the object.
//
//	pod-program [-json] [-file FILE] BUCKET OBJECT
func podProgram() {
	withJSON := flag.Bool("json", false, "read by the JSON API, not the XML one")
	file := flag.String("file", "", "credential file, in place of GOOGLE_APPLICATION_CREDENTIALS")
	flag.Parse()
	// Not STORAGE_EMULATOR_HOST: with that, the library leaves its credentials at home.
	opts := []option.ClientOption{option.WithEndpoint(os.Getenv("WIFCTL_GCP_ENDPOINT") + "/storage/v1/")}
	if *withJSON {
		opts = append(opts, storage.WithJSONReads())
	}
	if *file != "" {
		opts = append(opts, option.WithAuthCredentialsFile(option.ExternalAccount, *file))
	}
	if err := printObject(os.Stdout, opts, flag.Arg(0), flag.Arg(1)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func printObject(out io.Writer, opts []option.ClientOption, bucket, object string) error {
	client, err := storage.NewClient(context.Background(), opts...)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	r, err := client.Bucket(bucket).Object(object).NewReader(context.Background())
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	_, err = io.Copy(out, r)
	return err
}

// as-pod ACCOUNT [AUDIENCE] makes what a pod of the ServiceAccount has: the credential
// file, from the ConfigMap of bar, and a fresh token in the file that it names, by default
// for the audience that Google wants.
func cmdAsPod(ts *testscript.TestScript, _ bool, args []string) {
	file := strings.ReplaceAll(configMapOfBar(ts), trust.TokenFile, ts.MkAbs("pod-token"))
	var parsed struct{ Audience string }
	ts.Check(json.Unmarshal([]byte(file), &parsed))
	audience := "https:" + parsed.Audience
	if len(args) > 1 {
		audience = args[1]
	}
	for name, content := range map[string]string{"pod.json": file, "pod-token": tokenOf(ts, args[0], audience)} {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(content), 0o600))
	}
	ts.Setenv("GOOGLE_APPLICATION_CREDENTIALS", ts.MkAbs("pod.json"))
}

func configMapOfBar(ts *testscript.TestScript) string {
	client, err := storyOf(ts).cluster.Clientset()
	ts.Check(err)
	m, err := client.CoreV1().ConfigMaps(storyOf(ts).ns).Get(background, "bar-gcp-credentials", metav1.GetOptions{})
	ts.Check(err)
	return m.Data["credential-configuration.json"]
}

func tokenOf(ts *testscript.TestScript, account, audience string) string {
	client, err := storyOf(ts).cluster.Clientset()
	ts.Check(err)
	r, err := client.CoreV1().ServiceAccounts(storyOf(ts).ns).CreateToken(background, account, &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{Audiences: []string{audience}},
	}, metav1.CreateOptions{})
	ts.Check(err)
	return r.Status.Token
}
