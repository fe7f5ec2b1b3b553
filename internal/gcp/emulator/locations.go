package emulator

import (
	"slices"
	"strings"
)

// locations are where a bucket can be made
// (https://docs.cloud.google.com/storage/docs/locations).
//
// not modelled: dual-regions of one's own choice, zones.
var locations = strings.Fields(`
	ASIA EU US ASIA1 EUR4 EUR5 EUR7 EUR8 NAM4
	NORTHAMERICA-NORTHEAST1 NORTHAMERICA-NORTHEAST2 NORTHAMERICA-SOUTH1
	US-CENTRAL1 US-EAST1 US-EAST4 US-EAST5 US-SOUTH1 US-WEST1 US-WEST2 US-WEST3 US-WEST4
	SOUTHAMERICA-EAST1 SOUTHAMERICA-WEST1
	EUROPE-CENTRAL2 EUROPE-NORTH1 EUROPE-NORTH2 EUROPE-SOUTHWEST1 EUROPE-WEST1 EUROPE-WEST2 EUROPE-WEST3
	EUROPE-WEST4 EUROPE-WEST6 EUROPE-WEST8 EUROPE-WEST9 EUROPE-WEST10 EUROPE-WEST12
	ASIA-EAST1 ASIA-EAST2 ASIA-NORTHEAST1 ASIA-NORTHEAST2 ASIA-NORTHEAST3 ASIA-SOUTH1 ASIA-SOUTH2
	ASIA-SOUTHEAST1 ASIA-SOUTHEAST2 ASIA-SOUTHEAST3 AUSTRALIA-SOUTHEAST1 AUSTRALIA-SOUTHEAST2
	ME-CENTRAL1 ME-CENTRAL2 ME-WEST1 AFRICA-SOUTH1`)

// checkLocation refuses a location that there is not. Case does not matter.
func checkLocation(location string) error {
	if location == "" || slices.Contains(locations, strings.ToUpper(location)) {
		return nil
	}
	return storageInvalid("The specified location constraint is not valid.")
}
