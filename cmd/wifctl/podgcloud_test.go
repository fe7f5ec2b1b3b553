package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"cloud.google.com/go/auth/credentials"
	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
)

// podGcloud takes gcloud's place in pods of the stories: the three commands of the pod's
// script, by way of Google's own library. testdata/gcloud has the same pod with gcloud.
func podGcloud() {
	if err := runPodGcloud(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ERROR: (pod-gcloud)", err)
		os.Exit(1)
	}
}

func runPodGcloud(ctx context.Context, args []string, out io.Writer) error {
	switch line := strings.Join(args, " "); {
	case strings.HasPrefix(line, "auth login --cred-file="):
		return podLogin(ctx, strings.TrimPrefix(line, "auth login --cred-file="))
	case strings.HasPrefix(line, "storage objects list gs://") && strings.HasSuffix(line, " --limit=1 --format=value(name)"):
		bucket, _, _ := strings.Cut(strings.TrimPrefix(line, "storage objects list gs://"), " ")
		return podList(ctx, bucket, out)
	case strings.HasPrefix(line, "storage cat --range=-1024 gs://"):
		bucket, object, _ := strings.Cut(strings.TrimPrefix(line, "storage cat --range=-1024 gs://"), "/")
		return podCat(ctx, bucket, object, out)
	default:
		return fmt.Errorf("unrecognized arguments: %s", line)
	}
}

// loginFile is where the login is remembered between commands, as gcloud does.
func loginFile() string { return filepath.Join(os.Getenv("CLOUDSDK_CONFIG"), "login") }

func podLogin(ctx context.Context, file string) error {
	creds, err := credentials.NewCredentialsFromFile(credentials.ExternalAccount, file, &credentials.DetectOptions{
		Scopes: []string{"https://www.googleapis.com/auth/cloud-platform"},
	})
	if err != nil {
		return err
	}
	if _, err := creds.Token(ctx); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(loginFile()), 0o700); err != nil {
		return err
	}
	return os.WriteFile(loginFile(), []byte(file), 0o600)
}

func podBucket(ctx context.Context, bucket string) (*storage.BucketHandle, error) {
	file, err := os.ReadFile(loginFile())
	if err != nil {
		return nil, errors.New("you do not currently have an active account selected")
	}
	client, err := storage.NewClient(ctx,
		option.WithEndpoint(os.Getenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE")+"storage/v1/"), storage.WithJSONReads(),
		option.WithAuthCredentialsFile(option.ExternalAccount, string(file)))
	if err != nil {
		return nil, err
	}
	return client.Bucket(bucket), nil
}

func podList(ctx context.Context, bucket string, out io.Writer) error {
	b, err := podBucket(ctx, bucket)
	if err != nil {
		return err
	}
	first, err := b.Objects(ctx, nil).Next()
	if errors.Is(err, iterator.Done) {
		return nil
	}
	if err == nil {
		_, err = fmt.Fprintln(out, first.Name)
	}
	return err
}

func podCat(ctx context.Context, bucket, object string, out io.Writer) error {
	b, err := podBucket(ctx, bucket)
	if err != nil {
		return err
	}
	r, err := b.Object(object).NewRangeReader(ctx, -1024, -1)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	return err
}
