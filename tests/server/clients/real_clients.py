"""The server as programs see it that use webuiapi and openai from PyPI: real_clients.py URL."""

import base64
import io
import sys
import unittest
import urllib.request

import openai
import webuiapi
from PIL import Image, ImageChops

URL = sys.argv.pop(1)
SIZE = 64
DRAW = {"prompt": "a red house", "steps": 2, "width": SIZE, "height": SIZE, "cfg_scale": 5}


def gradient():
    return Image.linear_gradient("L").resize((SIZE, SIZE)).convert("RGB")


def right_half(mode, inside, outside):
    mask = Image.new(mode, (SIZE, SIZE), outside)
    mask.paste(inside, (SIZE // 2, 0, SIZE, SIZE))
    return mask


def left_part(picture):
    return picture.convert("RGB").crop((0, 0, SIZE // 4, SIZE))


def png(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    return "picture.png", file.getvalue(), "image/png"


def decoded(item):
    return Image.open(io.BytesIO(base64.b64decode(item.b64_json)))


class WebUi(unittest.TestCase):
    def setUp(self):
        host, port = URL.removeprefix("http://").split(":")
        self.api = webuiapi.WebUIApi(host=host, port=int(port))

    def test_draws_the_same_picture_for_the_same_seed(self):
        one, two = (self.api.txt2img(**DRAW, seed=5, batch_size=2) for _ in range(2))
        self.assertEqual(len(one.images), 2)
        self.assertEqual(one.info["all_seeds"], [5, 6])
        self.assertEqual(one.images[1].tobytes(), two.images[1].tobytes())
        self.assertNotEqual(one.images[0].tobytes(), one.images[1].tobytes())

    def test_repaints_under_a_mask_and_nothing_else(self):
        result = self.api.img2img(**DRAW, images=[gradient()], mask_image=right_half("L", 255, 0), mask_blur=0,
                                  inpaint_full_res=False, denoising_strength=0.7, seed=1)
        self.assertIsNone(ImageChops.difference(left_part(gradient()), left_part(result.image)).getbbox())

    def test_reads_the_settings_of_a_picture(self):
        drawn = self.api.txt2img(**DRAW, seed=11)
        self.assertTrue(self.api.png_info(drawn.image).info.startswith("a red house"))

    def test_lists_and_sets(self):
        self.assertIn("Euler a", [sampler["name"] for sampler in self.api.get_samplers()])
        title = self.api.get_sd_models()[0]["title"]
        self.api.set_options({"sd_model_checkpoint": title})
        self.assertEqual(self.api.get_options()["sd_model_checkpoint"], title)
        for names in ("upscalers", "loras", "sd_vae", "face_restorers", "prompt_styles", "scripts", "embeddings", "memory"):
            with self.subTest(names):
                getattr(self.api, "get_" + names)()
        self.api.refresh_checkpoints()
        self.api.interrupt()
        self.api.skip()
        self.assertEqual(self.api.get_progress()["progress"], 0)

    def test_follows_pictures_with_controlnets(self):
        self.assertTrue(self.api.has_controlnet)
        self.assertEqual(self.api.controlnet_version(), 3)
        self.assertIn("canny", self.api.controlnet_module_list())
        model = self.api.controlnet_model_list()[0]
        edges = self.api.controlnet_detect([right_half("RGB", "white", "black")], "canny").image
        units = [webuiapi.ControlNetUnit(image=edges, model=model, resize_mode="Crop and Resize", control_mode=2)]
        plain, followed = (self.api.txt2img(**DRAW, seed=5, controlnet_units=given) for given in ([], units))
        self.assertNotEqual(plain.image.tobytes(), followed.image.tobytes())
        self.assertIn("Control mode: control", followed.info["infotexts"][0])

    def test_raises_the_servers_sentence(self):
        with self.assertRaisesRegex(RuntimeError, "no such sampler"):
            self.api.txt2img(**DRAW, sampler_name="no such sampler")


class OpenAi(unittest.TestCase):
    def setUp(self):
        self.client = openai.OpenAI(base_url=URL + "/v1", api_key="any", max_retries=0)
        self.draw = {"model": "dall-e-2", "prompt": "a red house", "size": f"{SIZE}x{SIZE}",
                     "extra_body": {"steps": 2, "seed": 3}}

    def test_knows_its_models(self):
        names = [model.id for model in self.client.models.list()]
        self.assertEqual(self.client.models.retrieve(names[0]).id, names[0])

    def test_gives_pictures_as_base64_and_as_addresses(self):
        answer = self.client.images.generate(**self.draw, n=2)
        self.assertEqual([decoded(item).size for item in answer.data], [(SIZE, SIZE)] * 2)
        self.assertIsNone(answer.data[0].url)
        url = self.client.images.generate(**self.draw, response_format="url").data[0].url
        with urllib.request.urlopen(url) as file:
            self.assertEqual(Image.open(file).tobytes(), decoded(answer.data[0]).tobytes())

    def test_streams_unfinished_pictures_and_then_the_picture(self):
        self.draw["extra_body"]["steps"] = 8
        events = list(self.client.images.generate(**self.draw, stream=True, partial_images=2))
        self.assertEqual(events[-1].type, "image_generation.completed")
        self.assertEqual({event.type for event in events[:-1]}, {"image_generation.partial_image"})
        self.assertEqual(decoded(events[-1]).size, (SIZE, SIZE))

    def test_repaints_what_is_transparent_and_nothing_else(self):
        self.draw["image"] = png(gradient())
        edited = self.client.images.edit(**self.draw, mask=png(right_half("RGBA", (0, 0, 0, 0), (0, 0, 0, 255))))
        self.assertIsNone(ImageChops.difference(left_part(gradient()), left_part(decoded(edited.data[0]))).getbbox())
        self.assertEqual(len(self.client.images.edit(**self.draw).data), 1)
        self.draw.pop("prompt")
        self.assertEqual(len(self.client.images.create_variation(**self.draw).data), 1)

    def test_raises_what_the_package_knows(self):
        with self.assertRaises(openai.NotFoundError) as raised:
            self.client.images.generate(**self.draw | {"model": "no-such-model"})
        self.assertEqual(raised.exception.code, "model_not_found")
        with self.assertRaises(openai.BadRequestError):
            self.client.images.generate(**self.draw | {"size": "wide"})
        with self.assertRaises(openai.BadRequestError):
            self.client.images.generate(**self.draw, n=11)


if __name__ == "__main__":
    unittest.main(verbosity=2)
