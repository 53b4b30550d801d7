"""Accounts: made by invitation, entered by log-in, kept by a password or by single sign-on."""
