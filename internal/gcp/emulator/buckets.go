package emulator

// bucket is one Cloud Storage bucket.
type bucket struct {
	name    string
	project *project
	policy  *allowPolicy
}

func storageRoutes() []route { return nil }

// seedBucket makes a bucket the server starts with.
func (s *Server) seedBucket(p *project, name string) error {
	s.buckets[name] = &bucket{name: name, project: p, policy: &allowPolicy{}}
	return nil
}

// bucketStates are the buckets in a State.
func (s *Server) bucketStates() []any { return nil }
