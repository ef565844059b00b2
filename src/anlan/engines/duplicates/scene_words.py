"""The words behind the scenes: everyday ways of saying one thing, and scenes that go together.

Each scene is a list of regular expressions set apart by white space.
"""

# Scenes that strangers see and report on their own: many calls for one event are the rule.
PUBLIC: dict[str, str] = {
    "fire": r"""
        窜火 火花 打火 喷火 灭火 自燃 冒火 火星 放火 纵火 点着 点燃 起烟 呛[人得] 烟很 烧光 烧焦 油锅
        柴火 烧[了房纸起死] 着了 轮胎着 焦[味糊] 爆燃 火海 火球 大烟 着火 起火 火灾 失火 冒烟 黑烟 浓烟
        全是烟 [大好多的]烟 烟[飘味] 明火 火苗 火光 烧起来 烧着 大火 火从 山火 消防
    """,
    "gas": r"""
        味道很冲 异味 槽罐 报警器 漏东西 黄水
        漏了气 燃气 闻到.{0,6}味 头晕.{0,4}味 氯气 液氨 化学品 罐车 农药味 油漆味 难闻 煤气 天然气 液化气
        氨气 泄漏 漏气 瓦斯 刺鼻 气味 臭鸡蛋 呲呲
    """,
    "accident": r"""
        悬在 挂在.{0,4}[桥护路] 冲破 冲[出进下].{0,4}[路桥沟河护] 爆胎 急刹 [车路线道速].{0,4}出事
        翻[了在到进] [摔跌]了 滑倒 撞[击飞坏断] 隔离墩 被车 轮下 刮[蹭擦] 摔出 人在流血
        骑车的?.{0,4}[摔倒] 把.{0,6}撞 摔伤 碰[了到上] 躺地上 [车人]起不来 甩出 卷到车 倒车 肇事
        [车辆].{0,3}掉[进下沟] 撞[了倒上到人车] 追尾 车祸 [刮剐][擦蹭了到坏伤] 碰擦 蹭 侧翻 翻车 翻了
        事故 刮倒 撞 压到 碾
    """,
    "congestion": r"""
        乱成一团 堵得 水泄不通 车.{0,2}很多 占了.{0,3}车道 一动不动 慢得 走不了 堵成 停着不动 开不动
        车.{0,3}排 堵车 堵死 堵住 堵了 很堵 拥堵 走不动 过不去 不动了 排.{0,2}长队 一长串 北向南 南向北
        东向西 西向东
    """,
    "signal": r"""
        信号灯 指示灯 灯.{0,3}停电 灯.{0,2}不亮 灯.{0,2}不变 灯.{0,2}坏 红灯 绿灯 路口灯 黄闪
    """,
    "fight": r"""
        群架 扳手 挨打 动粗 掐 虐 打骂 打群 殴 追着.{0,4}打 钢管.{0,4}打 打破头 还手 头破 揪 扇 踹 踢
        推倒 抓花 抄家伙 拳打 [要]打 打他 打她 打我 打得 打了 动了手 棍 酒瓶 打架 打起来 动手 打人 对打
        追打 扭打 厮打 打[老丈我妻] 被打 打成 拳脚 持刀 抓伤 砍
    """,
    "quarrel": r"""
        对峙 僵持 威胁 恐吓 扯皮 争[吵抢论] 冲突 不肯.{0,4}走 指责 吵[了着嚷] 闹[了着得] 理论
        骂[人我他她街] 拉扯 不让走 吵架 争吵 吵起来 吵得 争执 骂 纠纷 口角 闹事 吵了
    """,
    "home": r"""
        小孩.{0,4}哭 孩子.{0,4}哭 虐待 打骂 公婆 前夫 前妻 岳父 女婿 离婚 老婆 女的.{0,4}哭 哭喊 锅碗
        摔东西 砸东西 父母 打孩子 夫妻 两口子 家暴 老公 丈夫 妻子 惨叫 救命 摔打 一男一女 打女 哭得
    """,
    "noise": r"""
        鸣笛 叫卖 循环播放 唱戏 念经 放歌 嘈杂 钢琴 蹦 跑跳 低音 响得 咚咚 吵到 太响 吵得 炸街 飙车 轰鸣
        轰油门 嗨歌 喊麦 震 吵闹 大声 响个不停 吵人 噪[音声] 扰民 太吵 吵死 很吵 声音[太很]?大 唱歌
        [Kk]歌 卡拉 广场舞 跳舞 音响 音乐 装修 打桩 麻将 休息 睡不着 睡觉 喇叭 敲打 施工声 狗叫
    """,
    "self_harm": r"""
        就跳 塔顶 爬[到上] 站.{0,3}顶上
        [想要]跳 护栏外 翻到.{0,6}外 栏杆上 窗外 窗台 阳台外 劝他 劝她 劝下来 不活了 自残 割[手腕脉]
        喝.{0,3}农药 爬上 站在.{0,4}[边沿外] 不想活 寻死 怕她 怕他 遗书 烧炭 农药 安眠药 跳楼 跳河 跳桥
        跳江 往下跳 要跳 轻生 自杀 栏杆外 楼顶 天台 想不开 割腕 翻过.{0,3}栏杆
    """,
    "water": r"""
        河面 浮尸 尸体 江里 水里 水库 池塘 下河 冲走 翻船 船翻 游船 捞 呛水 救生 游泳 掉下去 浮着
        [掉跌滑]进.{0,4}[河水塘江湖池沟] 下水 落水 溺水 掉.{0,3}[河水塘江湖] 沉下去 扑腾 淹 漂 没上来
        跳[河江] 河里
    """,
    "crowd": r"""
        对峙 业主.{0,8}[聚围] [二三四五六七八九]十[来多几]?个?[名人] 三四十 四五十 五六十
        好多[业工学家人] 堵路 静坐 上街 集结 抗议 排队.{0,4}[乱挤] 挤 人太多 踩踏 好多人 很多人 人山人海
        堵大门 抬棺 集体 聚集 围堵 横幅 [上近几]百 [几数].{0,2}十[多个人名] 人群 推搡
        围[住着了] 百来人 讨说法 堵.{0,4}门 一大帮 讨薪 人越来越多
    """,
    "found_person": r"""
        迷糊 叫什么 讲不清 名字都
        走丢 走失 听不懂 不知道家 住哪 徘徊 问不出 不知道自己 不知道住 不会说 认不得 联系不到家 转[来了]
        游荡 叫不出 痴呆 老年卡 忘了家 没人管 一个人.{0,5}(?:哭|走|坐) 老人.{0,4}坐 不肯说 讲不清 走不动
        没穿鞋 迷了路 不认识家 与家长 坐着哭 光脚 精神恍惚 找不到家 迷路 说不[出清] 不记得 记不[得清]
        找不到妈妈 找不到爸 走散 没大人 不认路 回不了家 家在哪 独自
    """,
    "facility": r"""
        灯杆 砸到 砸下来 高空 掉落 漏电 歪[了倒] 翘起 路面.{0,2}[塌陷] 伸缩缝 坑 洞 陷 断[了裂一] 裂缝
        垂下 松动 倾斜 歪 掉砖 瓷砖 空调外机.{0,4}掉 广告牌 招牌 井盖 窨井 电线 电缆 路灯 树 护栏 围墙
        脱落 要掉 吊下 掉下来 晃 坠 电杆 玻璃 幕墙 塌
    """,
    "trapped": r"""
        困 压住 卡[了进着住] 锁在 下不来 上不来 进不去.{0,3}里面有 出不去 被锁 门打不开.{0,4}里 压在 埋
        夹在 电梯.{0,8}[停困关卡坠] 困[在人住] 卡[在住] 出不来 夹住 关在
    """,
    "illness": r"""
        抽过去 抽筋 流鼻血 脸色 白沫 心梗 中风 脑 叫不应 说不出话 要生了 破水 临产 急救
        躺[着在].{0,6}(?:不动|一个|个人) 喘不 不动弹 中暑 倒下 胸口 猝 难受 流血不止 呕吐 晕倒 昏倒
        晕过去 倒地 倒在地 抽搐 昏迷 叫不醒 没反应 心脏 没呼吸 吐血 休克 癫痫 发病 摔倒 救护车 不省人事
    """,
    "animal": r"蛰 叮 猪 犬 [眼毒]蛇 蛇 大鹅 蝙蝠 老鼠 宠物 咬 蟒 蜂 鸟 羊 鸡 猫 狗 牛 猴",
    "drunk": r"发疯 酒鬼 酒气 喝多 醉 酒疯 喝了酒 酒后 酒味",
    "drunk_driving": r"乱开 左右晃 走S 开得歪 酒驾 画龙 蛇形 S形 逆行",
    "obstacle": r"""
        陷[下进去] 大洞
        柴油 机油 一滩油 油渍 漏了?一地 路中间 车道.{0,4}有 遗撒 石子 石头.{0,3}路 障碍 拦路 挡路
        漏[油沙土] 货.{0,3}掉 [掉散洒].{0,3}一地 占路 铁管 钢管 堆 抛锚 散落 掉了一 落了一 路面 油污 漏土
        洒 落石 横在 倒在.{0,6}路 故障车 没油 停在路
    """,
    "flood": r"淹 进水 水漫 决口 暴雨 山洪 积水 涨水 洪水 滑坡 塌方 泥石流 倒灌 台风 山体 半个车轮",
    "utility": r"""
        停了?水 停了?电 供电 抢修 线路 自来水 消防栓 水.{0,4}喷 没电 没水 断水 漏水
        水[往从].{0,3}[冒喷冲] 管.{0,3}[裂爆] 电线.{0,4}火 停电 停水 爆管 水管 喷水 水柱 管破 跳闸 变压器
        断电 全是水 爆了
    """,
    "work": r"""
        工地.{0,8}(?:出事|受伤|压|掉|砸|摔|塌) 工人.{0,8}(?:压|砸|夹|摔|掉|触电|受伤) 机器 坍塌 掩埋 被埋
        吊车 冲床 脚手架 塔吊 触电 坠落 坠下 压伤 机器.{0,4}[卷夹] [卷夹]进 工伤 坑里
    """,
    "parking": r"""
        乱停 占车道
        占用.{0,4}车位 消防通道 拖车 堵.{0,4}门口 停得 车停 堵住.{0,3}[口车] 占.{0,2}位 开不出来 挪车
        乱停 违停 占道 停满 车位 停车 挡[住了在]
    """,
    "robbery": r"打劫 抢[东钱手金] 抢.{0,3}就跑 拦路抢 敲诈 抢[了走劫夺包] 被抢 蒙面",
    "fireworks": r"烟花 炮仗 鞭炮 爆竹 放炮",
    "blade": r"拿.{0,3}刀 刺 捅 刀 砍 斧 匕首 持械 凶器",
    "bleeding": r"是血 流血 出血 血流 有血 满脸血 受伤",
    "market": r"摊贩 摆摊 小贩 占道 出摊 夜市 地摊 号贩 黄牛 拉客",
    "indecency": r"耍流氓 猥亵 被摸 摸了 偷拍 骚扰 尾随 露阴",
    "electric": r"漏电 触电 电到 麻倒 电倒 变压器 火花 打火 电线",
    "fall": r"坠楼 坠落 掉下来 摔下来 跌落 从.{0,6}[楼层台].{0,3}[掉摔]",
    "lift": r"电梯",
    "explosion": r"爆炸 巨响 很响的?一声 炸了 嘭 蘑菇云 轰的一声",
    "odd_conduct": r"""
        神经 胡说 乱砸 拦车 跳来跳去 暴露 脱[光衣裤] 裸 没穿衣服 疯 精神 胡言 乱喊 自言自语 乱扔 扔东西
    """,
    "vandalism": r"""
        砸[车门窗玻坏] 玻璃.{0,3}碎 扎[了破] 轮胎.{0,3}扎 喷漆 踹门 划[了伤花痕] 毁 扎胎 打碎 敲碎 踢坏
        扔石头 拿石头 被划 砸 泼 划车 破坏 涂
    """,
}
# Matters a person reports for themselves: two such calls are two matters unless they say so.
OWN: dict[str, str] = {
    "theft": r"""
        丢失 撬[了开门锁] 翻乱 行窃 扒 拿走 顺走 失窃 丢[失了] [被让]人?拿走 撬 偷 盗 不见了 丢了
    """,
    "fraud": r"""
        被套 杀猪盘 返利 下载.{0,4}(?:APP|软件|app) 解冻 保证金 验证 汇款 公检法 安全账户 客服 中奖
        游戏.{0,4}交易 网恋 投资 骗 刷单 转账 贷款 理赔 共享屏幕 冒充 假货 退款
    """,
    "consumer": r"""
        逃单 霸王餐 结账 付账 不付钱 赔偿 维修费 虫子 过期 售后 缺货 欺诈 多收 不新鲜 缺德 电子秤 要退
        假货 投诉 三无 退货 没给钱 不给钱 不买单 退钱 不退 消费 充卡 办卡 缺斤 质量 翻新 课程费 不给退
        押金 开票
    """,
    "wages": r"欠我 不发钱 欠薪 工资 工钱 劳动合同 讨薪",
    "debt": r"欠钱 借条 要债 讨债 欠款 还钱",
    "missing": r"""
        离家 出走 没到家 没有回 失踪 丢了.{0,3}(?:孩|老人|人) 找孙 走散 不见了 关机 没接到
        不见.{0,3}(?:人|孩|老) 走丢 找不着 找[女儿孩] 找儿子 走失 没回 失联 联系不上 不见了.{0,4}孩
        接.{0,3}没接到
    """,
    "lost_item": r"""
        忘拿 丢.{0,3}(?:包|证|手机|钱|箱) 捡了 拾到 遗落 寻物 吞卡 丢了.{0,3}(?:证|包|箱|手机|卡)
        掉了.{0,3}(?:证|包|手机|钥匙) 捡到 遗失 落在 忘在 失主
    """,
    "lock": r"锁匠 进不去门 锁.{0,3}[坏住] 开锁 反锁 钥匙",
    "property": r"""
        售楼 退房 房款 开发商 交房 楼盘 租金 退租 停车费 业委会 房子.{0,4}[漏租] 押金 房子 物业 门禁 房租
        房东 租客
    """,
    "land": r"""
        建房 盖房 地界 林地 砍树 征地 拆迁 屋檐 滴水檐 相邻 通道 水渠 灌溉 土地 坟 地基 占地 屋基 界桩
        水沟 排水 宅基地 田埂 山界 晒场 菜地 围墙
    """,
    "leak": r"漏[了到水下] 渗 天花板 楼下.{0,4}湿 漏水 滴水",
    "vice": r"老虎机 棋牌 不正规 赌 卖淫 足浴 招嫖",
    "nuisance": r"异味 养鸡 焚烧 污水 油烟 臭 烧烤烟 排烟 垃圾 烧旧",
}
# Pairs of scenes that one event can show to different callers, by how readily it does.
READILY: dict[float, str] = {
    0.9: """
        self_harm+water
    """,
    0.8: """
        blade+fight  crowd+wages  explosion+fire  fall+self_harm  fight+home  fight+quarrel
        home+quarrel
    """,
    0.7: """
        accident+congestion  blade+robbery  crowd+self_harm  drunk+fight  electric+utility
        facility+obstacle  fall+work  flood+utility  lift+trapped  parking+quarrel  trapped+work
        bleeding+fight  accident+bleeding  bleeding+illness  bleeding+blade  bleeding+work
        accident+drunk_driving  indecency+odd_conduct
    """,
    0.6: """
        blade+odd_conduct  congestion+obstacle  congestion+signal  crowd+property  drunk+quarrel
        drunk+vandalism  electric+fire  explosion+gas  fight+vandalism  fireworks+noise  home+noise
        land+quarrel  odd_conduct+vandalism  quarrel+vandalism
    """,
    0.5: """
        congestion+market  crowd+market  market+parking  market+noise  bleeding+home
        accident+trapped  blade+home  congestion+facility  consumer+quarrel  crowd+quarrel
        electric+facility  electric+illness  electric+work  explosion+work  fall+illness
        fight+odd_conduct  fight+parking  fight+robbery  fire+gas  fire+trapped  flood+water
        found_person+missing  found_person+odd_conduct  found_person+self_harm  home+vandalism
        illness+work  leak+utility  property+quarrel  robbery+theft
    """,
    0.4: """
        accident+illness  accident+obstacle  accident+signal  blade+quarrel
        congestion+crowd  congestion+flood  crowd+fight  drunk+illness  drunk+noise
        drunk+odd_conduct  facility+fall  facility+utility  facility+work  flood+leak
        found_person+illness  illness+self_harm  trapped+utility
    """,
    0.3: """
        accident+facility  accident+fire  accident+work  animal+quarrel  blade+crowd  fire+fireworks
        noise+quarrel
    """,
    0.2: """
        facility+noise  fire+obstacle
    """,
}
# Scenes that go with many kinds of event and so bear little out.
BROAD = frozenset(
    {"quarrel", "lift", "parking", "animal", "property", "crowd", "facility", "congestion", "vandalism"}
)
# The scene a level-2 code of the taxonomy stands for, used where the words show none.
CODE_SCENES: dict[str, str] = {
    code: scene
    for scene, codes in {
        "blade": "0101",
        "robbery": "0102 0103",
        "theft": "0105 0106 0107",
        "vandalism": "0108 0207",
        "fight": "0201 0202 0203",
        "home": "0204 0401",
        "vice": "0205 0206 1001",
        "drunk": "0208",
        "animal": "0210 0506",
        "accident": "0301 0302 0303 0304",
        "drunk_driving": "0305",
        "congestion": "0306",
        "parking": "0307",
        "obstacle": "0308",
        "quarrel": "0402 0411 0499",
        "wages": "0403",
        "consumer": "0404 1104",
        "debt": "0405",
        "property": "0406 1103",
        "land": "0407",
        "noise": "0410",
        "self_harm": "0501",
        "trapped": "0502",
        "illness": "0503",
        "lost_item": "0504",
        "lock": "0505",
        "nuisance": "0508 1003",
        "missing": "0601 0602 0603 0604",
        "found_person": "0605 0507",
        "fire": "0701",
        "gas": "0702",
        "utility": "0703",
        "flood": "0704",
        "work": "0705",
        "facility": "0706",
        "crowd": "0801 0802 0803",
        "market": "0804",
        "indecency": "0104 0209",
        "fraud": "0901 0902 0903 0904",
    }.items()
    for code in codes.split()
}
