package pipeline

import "sync"

// met remembers, for the length of one phase, which steps are Met and which changed.
type met struct {
	mu      sync.Mutex
	ok      map[ID]bool
	changed map[ID]bool
}

func newMet(n int) *met {
	return &met{ok: make(map[ID]bool, n), changed: make(map[ID]bool, n)}
}

func (m *met) set(id ID, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ok[id] = ok
}

func (m *met) setChanged(id ID, changed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changed[id] = changed
}

// firstMissing is the first of ids that is not Met; empty if all are.
func (m *met) firstMissing(ids []ID) ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		if !m.ok[id] {
			return id
		}
	}
	return ""
}

func (m *met) anyChanged(ids []ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		if m.changed[id] {
			return true
		}
	}
	return false
}
