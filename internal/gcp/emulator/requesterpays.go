package emulator

// billingDoc is what a bucket says of who pays.
type billingDoc struct {
	RequesterPays bool `json:"requesterPays,omitempty"`
}

// checkPaid refuses what nobody pays for.
func (c *call) checkPaid(b *bucket) error {
	if err := c.checkServed(b.project); err != nil {
		return err
	}
	return c.checkPayer(b)
}

// checkPayer refuses those who don't say who pays for a bucket whose requesters pay. That
// it's the owner's project for those who may link that to a billing account is assumed.
//
// https://docs.cloud.google.com/storage/docs/requester-pays
func (c *call) checkPayer(b *bucket) error {
	said := c.query.Get("userProject") != "" || c.r.Header.Get("X-Goog-User-Project") != ""
	if !b.requesterPays || said || c.s.allowed(c.caller, "resourcemanager.projects.createBillingAssignment", b.project.policy) {
		return nil
	}
	e := newError(400, "Bucket is a requester pays bucket but no user project provided.")
	e.reason = "required"
	return e
}
