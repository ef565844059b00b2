"""What is told where no page could answer: no such address, and a fault of our own."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from anlan.core.middleware import page_failed


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize(
    ("language", "said"), [("zh-hans", "此地址没有页面"), ("en", "There is no page at this address")]
)
def test_an_address_of_no_page_is_told_in_the_reader_s_language_with_a_way_on(language, said):
    client = Client()
    client.cookies["anlan_language"] = language
    answer = client.get("/no-such-page")
    body = answer.content.decode()
    assert (answer.status_code, said in body, 'href="/"' in body) == (404, True, True)
    assert f'<html lang="{language}"' in body


def test_a_program_is_told_the_same_as_facts(db):
    answer = Client().get("/no-such-page", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (404, "page_unknown")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_fault_of_our_own_is_told_in_words_without_asking_the_store_that_may_be_the_fault(language):
    # No test store is asked for here: a question to one would be refused.
    with translation.override(language):
        answer = page_failed(RequestFactory().get("/console"))
    body = answer.content.decode()
    assert (answer.status_code, f'<html lang="{language}"' in body) == (500, True)
    assert ("what was saved before stands" in body, "此前已保存的内容有效" in body) == (True, True)


def test_a_part_of_a_page_is_told_of_the_fault_in_its_own_place():
    answer = page_failed(RequestFactory().get("/console/rows", headers={"HX-Request": "true"}))
    assert "<html" not in answer.content.decode()
