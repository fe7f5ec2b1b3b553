package emulator

// event is one change of one object.
type event struct {
	version uint64
	how     string // "ADDED", "MODIFIED", "DELETED"
	kind    *kind
	object  object
}

// history is what happened, for those who watch. It is read and written under the
// server's lock.
type history struct {
	events  []event
	dropped uint64        // version of the last event that is not remembered any more
	changed chan struct{} // closed at the next event
}

// maxEvents bounds what is remembered. Who watches from before it has to list anew,
// as with etcd after a compaction.
const maxEvents = 1000

func (h *history) add(e event) {
	h.events = append(h.events, e)
	if extra := len(h.events) - maxEvents; extra > 0 {
		h.dropped = h.events[extra-1].version
		h.events = h.events[extra:]
	}
	close(h.changed)
	h.changed = make(chan struct{})
}

// since are the events after a version.
func (h *history) since(version uint64) []event {
	for i, e := range h.events {
		if e.version > version {
			return h.events[i:]
		}
	}
	return nil
}
