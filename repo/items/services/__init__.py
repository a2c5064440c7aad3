"""Everything that changes an item. Functions flush; the edge commits.

`drafts` what its editor does before submitting, `submission` submit, return, accept, `publishing` from an accepted
version to a public one, `lifecycle` what happens to what is public: new versions, corrections, withdrawal,
`importing` works that were described elsewhere, `handing_in` the same where reviewers decide, `reverting` many works
back to what they said before.
"""
