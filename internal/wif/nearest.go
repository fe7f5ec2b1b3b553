package wif

// Nearest says which of the members that a policy has comes closest to the one that it
// should have, with the part that differs in brackets. Empty: it has none.
func Nearest(have []string, want string) string {
	best, least := "", -1
	for _, m := range have {
		if d := distance(m, want); least < 0 || d < least {
			best, least = m, d
		}
	}
	if best == "" {
		return ""
	}
	found, wanted := markDifference(ShortMember(best), ShortMember(want))
	if ShortMember(best) == ShortMember(want) { // another project's pool of the same name
		found, wanted = markDifference(best, want)
	}
	return "nearest in the policy: " + found + ", wanted " + wanted
}

// markDifference puts brackets around what two strings do not begin and end with alike.
func markDifference(a, b string) (markedA, markedB string) {
	front := 0
	for front < min(len(a), len(b)) && a[front] == b[front] {
		front++
	}
	back := 0
	for back < min(len(a), len(b))-front && a[len(a)-1-back] == b[len(b)-1-back] {
		back++
	}
	mark := func(s string) string {
		return s[:front] + "[" + s[front:len(s)-back] + "]" + s[len(s)-back:]
	}
	return mark(a), mark(b)
}

// distance is Levenshtein's: how many bytes to insert, delete or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
