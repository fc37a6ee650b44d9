curl -X GET \
  "https://example.com/a: b"
