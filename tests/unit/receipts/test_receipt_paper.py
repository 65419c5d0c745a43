"""The paper itself: read back by pdftotext, looked at by PDFium, its codes decoded by zxing."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from reportlab.pdfbase import ttfonts

import resources
from app.catalogue import texts
from app.services.receipt_content import ReceiptContent
from app.services.receipt_fonts import BOLD, RARE, REGULAR, ReceiptFonts, to_unicode_cmap
from app.services.receipt_paper import render_receipt
from app.services.receipt_preview import page_images

TRAINING = "培训模式，不具效力"
OFFLINE = "离线受理，待上送—未生效"


def text_of(pdf: bytes, page: int | None = None) -> str:
    """Return what pdftotext reads, without the white space that layout adds."""
    pages = [] if page is None else ["-f", str(page), "-l", str(page)]
    done = subprocess.run(
        ["pdftotext", "-enc", "UTF-8", *pages, "-", "-"], input=pdf, capture_output=True, check=True, timeout=30
    )
    return "".join(done.stdout.decode().split())


def pictures(pdf: bytes, dpi: float = 150) -> list[Image.Image]:
    return [Image.frombytes("RGB", (page.width, page.height), page.rgb) for page in page_images(pdf, dpi)]


def test_everything_a_receipt_owes_is_on_it_in_reading_order(content: ReceiptContent) -> None:
    text = text_of(render_receipt(content))
    order = ["社会保障卡临时挂失回执", "持卡人", "陈桂芳", "350102********1629", "业务", "临时挂失", "办理方式", "本人"]
    order += ["材料", "银行账号", "承诺时限", "办理结果", "省平台已受理", "温馨提示", "卡已找到请持卡"]
    order += ["咨询12333", "监督12345", "发卡银行95588", "经办0317", "请核对姓名、号码无误后签名", "业务专用章"]
    place = 0
    for part in order:
        place = text.find(part, place) + len(part)
        assert place >= len(part), part
    for part in (content.acceptance_no, "鼓楼区政务服务中心3号窗口", "2026-11-2210:43:58"):
        assert part in text
    for absent in (OFFLINE, TRAINING, "补打", "复核"):
        assert absent not in text


def test_the_same_content_gives_the_same_bytes(content: ReceiptContent) -> None:
    odd = replace(content, training=True, reprint=1, holder="𠮷田")
    assert render_receipt(content) == render_receipt(content)
    assert render_receipt(odd) == render_receipt(odd)
    assert render_receipt(content) != render_receipt(odd)


def test_an_offline_receipt_says_what_it_is_not(content: ReceiptContent) -> None:
    text = text_of(render_receipt(replace(content, offline=True)))
    assert OFFLINE in text
    assert "本单不是办结凭证。卡鉴权未做" in text
    assert "12333或发卡银行95588" in text
    alone = text_of(render_receipt(replace(content, offline=True, bank_line=None)))
    assert "请立即拨打12333或卡背面的发卡银行客服电话。" in alone


def test_a_receipt_without_an_answer_says_so(content: ReceiptContent) -> None:
    text = text_of(render_receipt(replace(content, pending=True)))
    assert "待省平台答复—未生效" in text
    assert "省平台尚未答复" in text
    assert OFFLINE not in text
    assert "卡鉴权未做" not in text


def test_marks_stand_on_every_page(content: ReceiptContent) -> None:
    long = replace(content, training=True, offline=True, reprint=2, notices=("请核对。" * 60,) * 6)
    pdf = render_receipt(long)
    pages = len(page_images(pdf, 30))
    assert pages >= 2
    for page in range(1, pages + 1):
        text = text_of(pdf, page)
        assert TRAINING in text
        assert OFFLINE in text
        assert "补打第2次" in text
        assert f"第{page}页，共{pages}页" in text
        assert content.acceptance_no in text
    assert "温馨提示（续）" in text_of(pdf)
    assert text_of(pdf).count("请核对。") == 360


@pytest.mark.parametrize(
    "name", ["𠮷田㐀", "龘㐂·买买提", "𪜀\U0002ceb0", "阿卜杜勒" * 30, "Müller-Lüdenscheidt", "一" * 300]
)
def test_rare_and_long_names_are_whole(content: ReceiptContent, name: str) -> None:
    assert name in text_of(render_receipt(replace(content, holder=name)))


def test_a_character_that_no_font_has_is_named(content: ReceiptContent) -> None:
    text = text_of(render_receipt(replace(content, holder="王\ue123\U000e0101明", rows=(("备注\x07", "a\tb\u00a0c"),))))
    assert "王〓(U+E123)〓(U+E0101)明" in text
    assert "备注〓(U+0007)" in text
    assert "abc" in text


@pytest.mark.parametrize("offline", [False, True])
@pytest.mark.parametrize("number", ["350102-20261122-00317", "1", "OFFLINE-HALL-0007-20261122-000317-X"])
def test_both_codes_hold_the_acceptance_number(content: ReceiptContent, offline: bool, number: str) -> None:
    pdf = render_receipt(replace(content, acceptance_no=number, offline=offline, training=True, reprint=1))
    found = {code.format: code.text for code in zxingcpp.read_barcodes(pictures(pdf, 203)[0])}
    assert found == {zxingcpp.BarcodeFormat.Code128: number, zxingcpp.BarcodeFormat.QRCode: number}


def test_ink_keeps_to_the_page(content: ReceiptContent) -> None:
    crowded = replace(
        content,
        title="社会保障卡" * 14,
        hall="某某市某某新区行政审批与公共服务局政务服务中心（第二分中心）社会保障卡综合服务专区",
        holder="阿" * 200,
        bank_line="95588（境内）、0086-95588（境外）、以及发卡支行柜台电话 0591-00000000 转 8 转人工",
        signature_lines=("请核对姓名、号码、卡面照片和银行账号均无误并已阅读上述各项提示后由领卡人签名",) * 4,
        rows=tuple((f"很长的栏目名称第{i}项", "W" * (i * 17)) for i in range(1, 9)),
        offline=True,
        reviewer="0102",
    )
    for page in pictures(render_receipt(crowded), 72):
        width, height = page.size
        inner = (14, 8, width - 14, height - 8)
        frame = page.copy()
        frame.paste((255, 255, 255), inner)
        assert frame.getextrema() == ((255, 255),) * 3


def test_the_usual_receipts_keep_to_one_page(content: ReceiptContent) -> None:
    for variant in ({}, {"offline": True}, {"offline": True, "training": True, "reprint": 3}, {"language": "en"}):
        assert len(page_images(render_receipt(replace(content, **variant)), 30)) == 1


def test_the_foot_never_stands_alone(content: ReceiptContent) -> None:
    for lines in (1, 6, 9, 10, 11, 13):
        pdf = render_receipt(replace(content, rows=(), notices=("一",) * lines))
        pages = len(page_images(pdf, 20))
        last = text_of(pdf, pages)
        assert "业务专用章" in last
        assert "温馨提示" in last


def test_two_people_and_other_signatures(content: ReceiptContent) -> None:
    text = text_of(render_receipt(replace(content, reviewer="0102", signature_lines=("领卡人", "代领人"))))
    assert "经办0317复核0102" in text
    assert "领卡人：代领人：" in text
    assert "请核对姓名" not in text
    assert "签名" not in text_of(render_receipt(replace(content, signature_lines=())))


def test_every_font_that_writes_is_embedded_with_its_unicode(content: ReceiptContent, tmp_path: Path) -> None:
    (tmp_path / "receipt.pdf").write_bytes(render_receipt(replace(content, holder="𠮷")))
    listed = subprocess.run(["pdffonts", tmp_path / "receipt.pdf"], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()[2:]]
    embedded = [row[0].partition("+")[2] for row in rows if row[-5:-2] == ["yes", "yes", "yes"]]
    assert {name.partition("-")[0] for name in embedded} == {"NotoSansSC", "YikatongFallback"}
    # reportlab declares its default font in every file; nothing is written in it.
    assert [row[0] for row in rows if row[-5] == "no"] == ["Helvetica"]


def test_the_unicode_map_holds_surrogates_and_small_blocks() -> None:
    cmap = to_unicode_cmap("F", [0x20BB7, 0x3400, *range(0x4E00, 0x4E00 + 200)])
    assert "<00> <D842DFB7>\n<01> <3400>" in cmap
    assert [line for line in cmap.split("\n") if line.endswith("beginbfchar")] == [
        "100 beginbfchar",
        "100 beginbfchar",
        "2 beginbfchar",
    ]
    ReceiptFonts(resources.path("fonts"))
    assert ttfonts.makeToUnicodeCMap is to_unicode_cmap


def test_fonts_are_chosen_character_by_character() -> None:
    fonts = ReceiptFonts(resources.path("fonts"))
    assert fonts.runs("王𠮷a") == [(REGULAR, "王"), (RARE, "𠮷"), (REGULAR, "a")]
    assert fonts.runs("王𠮷", BOLD) == [(BOLD, "王"), (RARE, "𠮷")]
    assert fonts.width("王王", 10) == 20
    assert fonts.runs("") == []


def test_both_languages_have_the_same_texts() -> None:
    chinese, english = texts.load("zh_CN").entries, texts.load("en").entries
    ours = {key for key in chinese if key.startswith("receipts.")}
    assert ours == {key for key in english if key.startswith("receipts.")}


@pytest.mark.parametrize("number", ["", "办件1", "a\nb"])
def test_an_acceptance_number_that_codes_cannot_hold_is_a_defect(content: ReceiptContent, number: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        replace(content, acceptance_no=number)


def test_more_signatures_than_fit_are_a_defect(content: ReceiptContent) -> None:
    with pytest.raises(ValueError, match="4 signatures"):
        replace(content, signature_lines=("x",) * 5)
