package gcp

import (
	"context"
	"net/http"

	cloudresourcemanager "google.golang.org/api/cloudresourcemanager/v1"
	iam "google.golang.org/api/iam/v1"
	"google.golang.org/api/option"
	serviceusage "google.golang.org/api/serviceusage/v1"
	storage "google.golang.org/api/storage/v1"
	sts "google.golang.org/api/sts/v1"
)

// Client speaks to Google Cloud as one user. Its methods may be called at the
// same time.
type Client struct {
	at      endpoints
	wire    wire
	http    *http.Client // as the user
	token   tokenFunc
	project string
	login   Login

	iam       *iam.Service
	resources *cloudresourcemanager.Service
	usage     *serviceusage.Service
	buckets   *storage.Service
	sts       *sts.Service // as nobody
}

// New finds credentials and makes a client. It asks no API for anything; only
// where no credential file is found does it look for a metadata server, as all
// of Google's libraries do. NoCredentials: there are none. NotLoggedIn: they can't be read.
func New(ctx context.Context, opts Options) (*Client, error) {
	who, err := newLogin(ctx, opts)
	if err != nil {
		return nil, err
	}
	return newClient(ctx, opts, who)
}

// NewWithoutLogin makes a client of which every request that speaks as the user fails with
// an error, such as that of New. A token can still be exchanged, and its holder still acts.
func NewWithoutLogin(ctx context.Context, opts Options, why error) (*Client, error) {
	opts.ImpersonateServiceAccount = ""
	return newClient(ctx, opts, login{token: func(context.Context) (string, error) { return "", why }})
}

func newClient(ctx context.Context, opts Options, who login) (*Client, error) {
	at, err := newEndpoints(opts.Endpoint)
	if err != nil {
		return nil, err
	}
	c := &Client{at: at, wire: newWire(opts), project: who.project, login: who.known}
	c.login.As, c.login.QuotaProject = opts.ImpersonateServiceAccount, who.quotaProject
	if opts.ImpersonateServiceAccount != "" {
		who = c.actAs(opts.ImpersonateServiceAccount, who)
	}
	c.token = who.token
	c.http = c.wire.client(who.token, who.quotaProject)
	if err := c.connect(ctx); err != nil {
		return nil, &Error{Op: "make client of Google Cloud", Reason: Invalid, Message: oneLine(err.Error()), Err: err}
	}
	return c, nil
}

// DefaultProject is the project id that the credentials name, and "" if they
// name none, as those of a person do.
func (c *Client) DefaultProject() string { return c.project }

// connect makes Google's clients over our own transport, which signs, repeats
// and counts. Given an HTTP client, theirs do none of that.
func (c *Client) connect(ctx context.Context) (err error) {
	over := func(h *http.Client, base string) []option.ClientOption {
		return []option.ClientOption{option.WithHTTPClient(h), option.WithEndpoint(base)}
	}
	if c.iam, err = iam.NewService(ctx, over(c.http, c.at.iam)...); err != nil {
		return err
	}
	if c.resources, err = cloudresourcemanager.NewService(ctx, over(c.http, c.at.resourceManager)...); err != nil {
		return err
	}
	if c.usage, err = serviceusage.NewService(ctx, over(c.http, c.at.serviceUsage)...); err != nil {
		return err
	}
	if c.buckets, err = storage.NewService(ctx, over(c.http, c.at.storage)...); err != nil {
		return err
	}
	c.sts, err = sts.NewService(ctx, over(c.wire.client(nil, ""), c.at.sts)...)
	return err
}
