import { roundTripGenerated } from "./generated_round_trip.ts";

roundTripGenerated(25);
