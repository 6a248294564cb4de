"""All that services may know of each other: events, topics, routing, packs, results, problems, settings base."""
