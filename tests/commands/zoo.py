"""The document of tests that commit it: of two files, so that a commit may touch either."""

from __future__ import annotations

DOCUMENT = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals:
    get: {operationId: listAnimals, responses: {'200': {description: ok}}}
    post: {operationId: addAnimal, responses: {'201': {description: made}}}
  /keepers:
    get: {operationId: listKeepers, responses: {'200': {$ref: 'common.yaml#/Ok'}}}
"""
