"""The pages of the application: each puts its pieces in place and computes nothing itself."""
