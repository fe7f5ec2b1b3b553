package gcp

import (
	"context"
	"slices"
	"strings"

	cloudresourcemanager "google.golang.org/api/cloudresourcemanager/v1"
)

// The most permissions that one question may name.
const (
	maxTested       = 100
	maxTestedBucket = 84
)

// Held is which of the permissions asked about the user has, each in the
// spelling and the order in which it was asked.
type Held struct {
	Held    []string
	Missing []string
	Unknown []string // Google does not answer for these
}

// Permissions asks which permissions the user has on a project. It needs no
// permission itself. A project that is not there denies everything.
func (c *Client) Permissions(ctx context.Context, project string, permissions []string) (Held, error) {
	r := request{op: "test permissions on project", resource: project}
	return bothSpellings(permissions, func(batch []string) ([]string, error) {
		return inBatches(maxTested, batch, func(some []string) ([]string, error) {
			ask := &cloudresourcemanager.TestIamPermissionsRequest{Permissions: some}
			answer, err := c.resources.Projects.TestIamPermissions(project, ask).Context(ctx).Do()
			if err != nil {
				return nil, r.fail(err)
			}
			return answer.Permissions, nil
		})
	})
}

// BucketPermissions asks which permissions the user has on a bucket, and so also
// whether there is one: NotFound.
func (c *Client) BucketPermissions(ctx context.Context, bucket string, permissions []string) (Held, error) {
	r := request{op: "test permissions on bucket", resource: bucket}
	held, err := inBatches(maxTestedBucket, permissions, func(some []string) ([]string, error) {
		answer, err := c.buckets.Buckets.TestIamPermissions(bucket, some).Context(ctx).Do()
		if err != nil {
			return nil, r.fail(err)
		}
		return answer.Permissions, nil
	})
	if err != nil {
		return Held{}, err
	}
	return sortOut(permissions, held), nil
}

// The permissions on pools and providers go by two names: roles hold the long
// one, the reference and the refusals show the short one.
const (
	longPrefix  = "iam.googleapis.com/workloadIdentityPool"
	shortPrefix = "iam.workloadIdentityPool"
)

func longSpelling(permission string) string {
	if rest, ok := strings.CutPrefix(permission, shortPrefix); ok {
		return longPrefix + rest
	}
	return permission
}

func shortSpelling(permission string) string {
	if rest, ok := strings.CutPrefix(permission, longPrefix); ok {
		return shortPrefix + rest
	}
	return permission
}

// bothSpellings asks in the long spelling, then in the short one, and then
// without those permissions: one that Google can't test makes it refuse the
// whole question.
func bothSpellings(permissions []string, ask func([]string) ([]string, error)) (Held, error) {
	for _, spell := range []func(string) string{longSpelling, shortSpelling} {
		held, err := ask(each(permissions, spell))
		if err == nil {
			return sortOut(permissions, held), nil
		}
		if !is(err, Invalid) {
			return Held{}, err
		}
	}
	var others, unknown []string
	for _, p := range permissions {
		if strings.HasPrefix(longSpelling(p), longPrefix) {
			unknown = append(unknown, p)
			continue
		}
		others = append(others, p)
	}
	held, err := ask(others)
	if err != nil {
		return Held{}, err
	}
	h := sortOut(others, held)
	h.Unknown = unknown
	return h, nil
}

func each(in []string, f func(string) string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = f(s)
	}
	return out
}

// inBatches asks about each permission once, some at a time.
func inBatches(size int, permissions []string, ask func([]string) ([]string, error)) ([]string, error) {
	once := slices.Compact(slices.Sorted(slices.Values(permissions)))
	var held []string
	for some := range slices.Chunk(once, size) {
		got, err := ask(some)
		if err != nil {
			return nil, err
		}
		held = append(held, got...)
	}
	return held, nil
}

func sortOut(asked, held []string) Held {
	held = each(held, longSpelling)
	var h Held
	for _, p := range asked {
		if slices.Contains(held, longSpelling(p)) {
			h.Held = append(h.Held, p)
			continue
		}
		h.Missing = append(h.Missing, p)
	}
	return h
}
