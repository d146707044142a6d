"""The gateway to models: which one answers, the local engine, providers, admission, and what each call used."""
