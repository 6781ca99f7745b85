"""Prompts over HTTP: nothing in them leads to a file, neither in nor out."""

from __future__ import annotations

import re

import pytest

from .conftest import as_caller

LOCAL = re.compile(r"@/|@~|\"@|\bpath|\bfolder|\bsave\b|local file|download_outputs|upload_file|abs/DIR")
GIVEN = {
    "storyboard": [
        {"subject": "a fox"},
        {"subject": "a fox", "references": "https://example.com/fox.png, https://example.com/den.png"},
        {"subject": "a fox", "references": "/home/ann/refs"},
    ],
    "product_photos": [{"image": "https://example.com/shoe.png"}, {"image": "~/shoe.png", "shots": "3"}],
    "animate_image": [{"image": "https://example.com/shoe.png"}, {"image": "C:\\shoe.png"}],
}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_no_prompt_speaks_of_files(team: str, mode: str) -> None:
    async with as_caller(team, "wsk_a_key_of_one", mode) as client:
        listed = (await client.list_prompts()).prompts
        assert {one.name for one in listed} == set(GIVEN)
        for one in listed:
            said = [one.description or "", *(given.description or "" for given in one.arguments or [])]
            for given in GIVEN[one.name]:
                messages = (await client.get_prompt(one.name, given)).messages
                said += [getattr(message.content, "text", "") for message in messages]
            for text in said:
                assert not LOCAL.search(text), text


async def test_a_picture_that_is_no_url_is_asked_for(team: str) -> None:
    async with as_caller(team, "wsk_a_key_of_one") as client:
        made = await client.get_prompt("animate_image", {"image": "~/shoe.png"})
        assert "ask me for its URL" in getattr(made.messages[0].content, "text", "")
