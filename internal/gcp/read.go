package gcp

import (
	"context"
	"errors"
	"io"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
)

const (
	maxListed = 10
	maxRead   = 1 << 10
)

// Reading is what a token could read of a bucket.
type Reading struct {
	Objects int    // how many were listed; we stop at ten
	Object  string // the one that was read; "" in an empty bucket
	Bytes   int64  // how much of it; we stop at 1 KiB
}

// ReadBucket lists a bucket and reads the beginning of one object, as the holder
// of the token and of nothing else, through the library that a pod would use.
// An empty bucket can only be listed.
func (c *Client) ReadBucket(ctx context.Context, token Token, bucket string) (Reading, error) {
	r := request{op: "read bucket", resource: bucket, permission: "storage.objects.list"}
	s, err := storage.NewClient(ctx,
		// Without this the library would look for credentials of its own. The
		// endpoint is always said: or else STORAGE_EMULATOR_HOST would choose it.
		option.WithoutAuthentication(),
		option.WithHTTPClient(c.bearing(token)),
		option.WithEndpoint(c.at.storage),
		storage.WithJSONReads(),
		storage.WithDisabledClientMetrics(),
	)
	if err != nil {
		return Reading{}, r.fail(err)
	}
	defer func() { _ = s.Close() }()
	s.SetRetry(storage.WithPolicy(storage.RetryNever)) // ours are below, where they are counted
	reading, size, err := list(ctx, s.Bucket(bucket))
	if err != nil {
		return Reading{}, r.fail(err)
	}
	if reading.Object == "" {
		return reading, nil
	}
	r = request{op: "read object", resource: bucket + "/" + reading.Object, permission: "storage.objects.get"}
	reading.Bytes, err = readSome(ctx, s.Bucket(bucket).Object(reading.Object), size)
	return reading, r.fail(err)
}

// list chooses the first object that has something in it: one of no bytes often
// stands for a folder.
func list(ctx context.Context, b *storage.BucketHandle) (Reading, int64, error) {
	it := b.Objects(ctx, &storage.Query{Projection: storage.ProjectionNoACL})
	it.PageInfo().MaxSize = maxListed
	var reading Reading
	var size int64
	for reading.Objects < maxListed {
		o, err := it.Next()
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			return Reading{}, 0, err
		}
		reading.Objects++
		if reading.Object == "" || size == 0 && o.Size > 0 {
			reading.Object, size = o.Name, o.Size
		}
		if it.PageInfo().Remaining() == 0 {
			break // the rest is on another page, or there is none
		}
	}
	return reading, size, nil
}

func readSome(ctx context.Context, o *storage.ObjectHandle, size int64) (int64, error) {
	length := int64(maxRead)
	if size == 0 {
		length = -1 // of nothing there is no first byte, which is an error
	}
	r, err := o.NewRangeReader(ctx, 0, length)
	if err != nil {
		return 0, err
	}
	defer func() { _ = r.Close() }()
	return io.Copy(io.Discard, io.LimitReader(r, maxRead))
}
