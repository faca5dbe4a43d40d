import { roundTripGenerated } from "../roundtrip/generated_round_trip.ts";

roundTripGenerated(200);
