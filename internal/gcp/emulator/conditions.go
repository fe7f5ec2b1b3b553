package emulator

import (
	"crypto/sha256"
	"encoding/hex"
)

// withCondition is how a reader of an old policy version is told that a
// binding has a condition it cannot see.
const withCondition = "_withcond_"

func conditionHash(c *condition) string {
	sum := sha256.Sum256([]byte(c.Title + "\x00" + c.Expression))
	return hex.EncodeToString(sum[:10])
}
