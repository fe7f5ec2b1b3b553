package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
)

// A FileError is a state file that can't be read or written. The file is left as
// it is.
type FileError struct {
	Path string
	Err  error
}

func (e *FileError) Error() string { return "state file " + e.Path + ": " + e.Err.Error() }
func (e *FileError) Unwrap() error { return e.Err }

// Save writes the state to Options.StateFile: beside it first, readable by its
// owner alone, then in its place, so that there is a whole file at every moment.
// Without a file it is an error. Errors are *FileError.
func (s *Server) Save() error {
	if s.opts.StateFile == "" {
		return errors.New("save the state: the emulator was started without a state file")
	}
	s.saving.Lock() // so that an older state never replaces a newer one
	defer s.saving.Unlock()
	text := new(bytes.Buffer)
	encoder := json.NewEncoder(text)
	encoder.SetEscapeHTML(false) // conditions are full of & and >
	encoder.SetIndent("", "  ")
	err := encoder.Encode(s.Saved())
	if err == nil {
		err = replaceFile(s.opts.StateFile, text.Bytes())
	}
	if err != nil {
		return &FileError{s.opts.StateFile, err}
	}
	return nil
}

func replaceFile(path string, content []byte) error {
	f, err := besideFile(path)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // fails after the rename, as it should
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// besideFile makes a new file, mode 0600, in the folder of another.
func besideFile(path string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
}

// load restores the server from its state file, if there is one. A place where
// the state could not be saved is refused now rather than at the end.
func (s *Server) load() error {
	if s.opts.StateFile == "" {
		return nil
	}
	if err := s.loadFile(s.opts.StateFile); err != nil {
		return &FileError{s.opts.StateFile, err}
	}
	return nil
}

func (s *Server) loadFile(path string) error {
	probe, err := besideFile(path)
	if err != nil {
		return err
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	doc, err := readSaved(f)
	if err != nil {
		return err
	}
	return s.restore(doc)
}

// readSaved reads one document and nothing behind it. The version comes first:
// in a file of another version unknown fields are no surprise.
func readSaved(r io.Reader) (*Saved, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, err
	}
	if head.Version != savedVersion {
		return nil, fmt.Errorf("version %d: this emulator reads and writes version %d", head.Version, savedVersion)
	}
	var loose any
	if err := json.Unmarshal(text, &loose); err != nil {
		return nil, err
	}
	if err := unknownName(loose, reflect.TypeFor[Saved](), ""); err != nil {
		return nil, err
	}
	doc := new(Saved)
	return doc, json.Unmarshal(text, doc)
}
